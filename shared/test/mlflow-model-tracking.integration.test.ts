import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createFileObjectStore } from "../src/backing/object-store/file-object-store.ts";
import { createMlflowModelTracking } from "../src/backing/tracking/mlflow-model-tracking.ts";
import { modelTrackingContract } from "../src/backing/tracking/model-tracking.contract.ts";
import { forgetModels } from "../src/backing/tracking/testing/mlflow-cleanup.ts";
import { newModelName, trackedRun, trackedVersion } from "../src/backing/tracking/testing/tracked.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const url = serverSetting("MLFLOW_TRACKING_URI") ?? "";

describe.skipIf(url === "")("in a real MLflow", () => {
  modelTrackingContract("tracking in MLflow", async () => {
    const tracking = createMlflowModelTracking({ url });
    return {
      tracking,
      close: async (models) => {
        await tracking.close();
        await forgetModels(url, models);
      },
    };
  });
});

/** What the tests look at of MLflow's answers. */
interface MlflowAnswer {
  model_version: { run_id: string; version: string; tags: object[] };
  experiment: { experiment_id: string };
}

describe.skipIf(url === "")("tracking in MLflow", () => {
  const name = newModelName();
  const api = `${url}/api/2.0/mlflow`;
  const headers = { "content-type": "application/json" };
  let folder: string;
  const tracking = createMlflowModelTracking({ url });
  const call = async (method: string, path: string, body?: object): Promise<MlflowAnswer> => {
    const answer = await fetch(`${api}/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as MlflowAnswer;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "marquee-tracking-"));
  });
  afterAll(async () => {
    await tracking.close();
    await forgetModels(url, [name]);
    await rm(folder, { recursive: true });
  });

  it("shows the version's manifest among the artifacts of its run, and says where one is missing", async () => {
    const objectStore = createFileObjectStore(folder);
    const showing = createMlflowModelTracking({ url, objectStore });
    const run = trackedRun(name);
    await showing.recordRun(run);
    await objectStore.put("models/rating/1/manifest.json", '{"format":1}');
    await showing.recordVersion(trackedVersion(run, 1));
    const other = trackedRun(name);
    await showing.recordRun(other);
    await showing.recordVersion(trackedVersion(other, 2));
    await showing.close();
    const { model_version } = await call("GET", `model-versions/get?name=${name}&version=1`);
    expect(model_version).toMatchObject({ source: `runs:/${model_version.run_id}/model`, run_id: expect.any(String) });
    const artifact = await fetch(`${url}/get-artifact?run_id=${model_version.run_id}&path=model%2Fmanifest.json`);
    expect(await artifact.text()).toBe('{"format":1}');
    const second = await call("GET", `model-versions/get?name=${name}&version=2`);
    expect(second.model_version.tags).toContainEqual({ key: "marquee.manifest", value: "not in the object store" });
  });

  it("keeps our numbers where MLflow's have parted from them", async () => {
    await call("DELETE", "model-versions/delete", { name, version: "2" });
    const run = trackedRun(name);
    await tracking.recordRun(run);
    await tracking.recordVersion(trackedVersion(run, 2));
    expect((await tracking.versions(name)).map(({ version }) => version)).toEqual([1, 2]);
    await tracking.setAlias(name, "champion", 2);
    expect(await tracking.aliases(name)).toEqual({ champion: 2 });
    const { model_version } = await call("GET", `registered-models/alias?name=${name}&alias=champion`);
    expect(model_version.version).toBe("3");
  });

  it("takes the latest where another database's versions were mirrored here before", async () => {
    const run = trackedRun(name);
    await tracking.recordRun(run);
    await tracking.recordVersion(trackedVersion(run, 1));
    expect((await tracking.versions(name)).map(({ version, runId }) => [version, runId])).toContainEqual([
      1,
      run.runId,
    ]);
    await tracking.recordVersion(trackedVersion(run, 1));
    expect(await tracking.versions(name)).toHaveLength(2);
  });

  it("passes over versions that somebody else has made", async () => {
    await call("POST", "model-versions/create", { name, source: "s3://elsewhere/model" });
    expect(await tracking.versions(name)).toHaveLength(2);
  });

  it("brings back an experiment that was deleted in MLflow", async () => {
    const { experiment } = await call("GET", `experiments/get-by-name?experiment_name=marquee/${name}`);
    await call("POST", "experiments/delete", { experiment_id: experiment.experiment_id });
    const run = trackedRun(name);
    await tracking.recordRun(run);
    expect(await tracking.findRun(name, run.runId)).toEqual(run);
  });
});

describe("an MLflow that does not answer as it should", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  async function answering(status: number | undefined, body = ""): Promise<string> {
    server = createServer((request, response) => {
      request.resume();
      if (status !== undefined) response.writeHead(status).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const failure = async (at: string) => {
    const tracking = createMlflowModelTracking({
      url: at,
      timeoutMs: 100,
      credentials: { username: "marquee", password: "hidden-words" },
    });
    const error = await tracking.runs("rating").catch((thrown: unknown) => thrown);
    await tracking.close();
    expect(JSON.stringify(error) + String(error)).not.toContain("hidden-words");
    return error;
  };

  it("is unavailable when it is away", async () => {
    const at = await answering(200);
    server?.close();
    await once(server!, "close");
    expect(await failure(at)).toMatchObject({
      code: "TRACKING_UNAVAILABLE",
      message: expect.stringMatching(/^MLflow at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/),
    });
  });

  it("is unavailable when it is silent", async () => {
    expect(await failure(await answering(undefined))).toMatchObject({
      code: "TRACKING_UNAVAILABLE",
      message: expect.stringContaining("no answer within 0.1 seconds"),
    });
  });

  it("is unavailable when it fails", async () => {
    expect(await failure(await answering(502, "bad gateway"))).toMatchObject({ code: "TRACKING_UNAVAILABLE" });
  });

  it("is told user and password", async () => {
    const at = await answering(401);
    const asked = once(server!, "request");
    await failure(at);
    const [request] = (await asked) as [IncomingMessage];
    const basic = Buffer.from("marquee:hidden-words").toString("base64");
    expect(request.headers.authorization).toBe(`Basic ${basic}`);
  });

  it("refuses wrong credentials, naming the settings", async () => {
    expect(await failure(await answering(401, "no"))).toMatchObject({
      code: "TRACKING_REFUSED",
      message: expect.stringContaining("MLFLOW_TRACKING_PASSWORD"),
    });
  });

  it("refuses in MLflow's words", async () => {
    const body = JSON.stringify({ error_code: "INVALID_PARAMETER_VALUE", message: "Names have no colon." });
    expect(await failure(await answering(400, body))).toMatchObject({
      code: "TRACKING_REFUSED",
      message: expect.stringContaining("Names have no colon."),
      details: { code: "INVALID_PARAMETER_VALUE" },
    });
  });

  it("is no MLflow when it answers something else", async () => {
    expect(await failure(await answering(200, "<html>"))).toMatchObject({
      code: "TRACKING_REFUSED",
      message: expect.stringContaining("does not answer as MLflow does"),
    });
  });
});
