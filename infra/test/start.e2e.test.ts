import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Prediction, predictionSchema } from "@marquee/shared/contracts/prediction";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import axios from "axios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf } from "../docs/doc-commands.ts";

const home = mkdtempSync(join(tmpdir(), "marquee-start-"));
const start = (...args: string[]) => startProcess(["infra/local/main.ts", "--home", home, "--port", "0", ...args]);
const READY = /Marquee answers at (http:\/\/\S+) after/;

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("npm start on a machine that has nothing", () => {
  let marquee: MarqueeProcess;
  let address = "";
  let tmdbId = 0;
  const post = (path: string, body: unknown) =>
    axios.post<unknown>(`${address}${path}`, body, {
      validateStatus: () => true,
      headers: { "content-type": "application/json" },
    });
  const predict = async (body: object): Promise<Prediction> =>
    predictionSchema.parse((await post("/predict", body)).data);

  beforeAll(async () => {
    marquee = start();
    address = (await marquee.printed(READY))[1] ?? "";
    tmdbId = Number(/"tmdbId":(\d+)/.exec(marquee.output)?.[1]);
  });
  afterAll(async () => {
    marquee.signal("SIGINT");
    expect(await marquee.ended()).toBe(0);
    expect(marquee.output).toContain("Stopped.");
  });

  it("tells each step with what it did", () => {
    const steps = [
      ...marquee.output.matchAll(/^ {2}(collect|archive|catalog|features|train|register|serve) .* \d+\.\d s$/gm),
    ].map(([, name]) => name);
    expect(steps).toEqual(["collect", "archive", "catalog", "features", "train", "register", "serve"]);
    expect(marquee.output).toMatch(/collect +3,2\d\d films, 2 IMDb files/);
  });

  it("shows a model that is better than the baselines on the films of the test", () => {
    const rmse = (name: string) => Number(new RegExp(`${name} +(\\d\\.\\d{3})`).exec(marquee.output)?.[1]);
    expect(rmse("Marquee")).toBeGreaterThan(0.5);
    expect(rmse("Marquee")).toBeLessThan(rmse("baseline: mean"));
    expect(rmse("Marquee")).toBeLessThan(rmse("baseline: director"));
  });

  it("answers the two curls on the screen as they stand there", async () => {
    const bodies = [
      ...marquee.output.matchAll(/curl -s http\S+\/predict -H 'content-type: application\/json' -d '(.*)'$/gm),
    ].map(([, json]) => JSON.parse((json ?? "").replaceAll("'\\''", "'")) as object);
    expect(bodies).toHaveLength(2);
    const [byId, described] = await Promise.all(bodies.map(predict));
    expect(byId?.film?.tmdbId).toBe(tmdbId);
    expect(byId?.actual?.votes).toBeGreaterThan(50);
    expect(described?.explanation?.contributions.length).toBeGreaterThan(5);
    for (const answer of [byId, described]) {
      expect(answer?.model).toEqual({ name: "rating", version: 1 });
      expect(answer?.interval.lower).toBeLessThan(answer?.rating ?? 0);
      expect(answer?.interval.upper).toBeGreaterThan(answer?.rating ?? 10);
    }
  });

  it("answers what the README tells to run", async () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    const body = JSON.parse(
      /curl [^']*'content-type: application\/json' \\\s+-d '(.*)'/.exec(readme)?.[1] ?? "",
    ) as object;
    expect((await predict(body)).explanation?.contributions.map(({ feature }) => feature)).toContain("director");
    const [command] = commandsOf(readme).filter(({ script, args }) => script === "marquee" && args[0] === "predict");
    const cli = startProcess(["infra/cli/main.ts", ...(command?.args ?? []), "--url", address]);
    expect(await cli.ended()).toBe(0);
    expect(cli.output).toContain("The Long Take: ");
  });

  it("explains: base and contributions add up to the rating", async () => {
    const { rating, explanation } = await predict({ movie: { tmdbId }, explain: true });
    const total = (explanation?.contributions ?? []).reduce(
      (sum, { contribution }) => sum + contribution,
      explanation?.base ?? 0,
    );
    expect(Math.min(10, Math.max(0, total))).toBeCloseTo(rating, 6);
  });

  it("answers a batch in order, each item with its own result or problem", async () => {
    const { data } = await post("/predict/batch", {
      items: [{ movie: { tmdbId } }, { movie: { tmdbId: 1 } }, { movie: { title: "X" } }],
    });
    expect(data).toMatchObject({
      results: [
        { film: { tmdbId } },
        { problem: { code: "FILM_UNKNOWN", status: 404 } },
        { rating: expect.any(Number) },
      ],
    });
  });

  it("has documentation, metrics and readiness", async () => {
    const get = (path: string) => axios.get<unknown>(`${address}${path}`);
    expect((await get("/docs/json")).data).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
    expect((await get("/ready")).data).toMatchObject({ status: "ready" });
    expect((await get("/metrics")).data).toContain("marquee_http_request_duration_seconds");
    expect((await get("/models/current")).data).toMatchObject({ version: 1, alias: "champion", movedBy: "gate" });
  });

  it("refuses a second start in the same folder with one clear line, and goes on", async () => {
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output).toMatch(/Marquee is already running in .*ALREADY_RUNNING/);
    expect((await axios.get(`${address}/health`)).status).toBe(200);
  });

  it("is reached by the command line", async () => {
    const cli = startProcess([
      "infra/cli/main.ts",
      "predict",
      "--tmdb-id",
      String(tmdbId),
      "--explain",
      "--url",
      address,
    ]);
    expect(await cli.ended()).toBe(0);
    expect(cli.output).toMatch(
      /: \d\.\d, with 90 % probability between \d\.\d and \d+\.\d\n {2}rating version 1, as of \d{4}-\d\d-\d\d/,
    );
    const doctor = startProcess(["infra/cli/main.ts", "doctor", "--url", address], { MARQUEE_HOME: home });
    expect(await doctor.ended()).toBe(0);
    expect(doctor.output).toMatch(/ok {4}database +embedded PostgreSQL 18/);
    const unknown = startProcess(["infra/cli/main.ts", "predict", "--tmdb-id", "1", "--url", address]);
    expect(await unknown.ended()).toBe(1);
    expect(unknown.output).toContain("[FILM_UNKNOWN]");
  });
});

describe("a later npm start", () => {
  it("has nothing to do, and gives the same answer with the same model", async () => {
    const marquee = start();
    const address = (await marquee.printed(READY))[1] ?? "";
    const steps = [...marquee.output.matchAll(/^ {2}(\w+) .*\(unchanged\)/gm)].map(([, name]) => name);
    expect(steps).toEqual(["collect", "archive", "catalog", "features", "train", "register"]);
    expect((await axios.get(`${address}/models/current`)).data).toMatchObject({ version: 1 });
    marquee.signal("SIGTERM");
    expect(await marquee.ended()).toBe(0);
  });

  it("says which port is taken and how to choose another, before any work", async () => {
    const other = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    other.listen(0, "127.0.0.1", resolve);
    await promise;
    const taken = other.address();
    const port = typeof taken === "object" && taken ? taken.port : 0;
    const marquee = start("--port", String(port));
    expect(await marquee.ended()).toBe(1);
    expect(marquee.output).toContain(
      `Port ${port} on 127.0.0.1 is used by another program. Choose another: PORT=${port + 1} or --port ${port + 1}. [PORT_TAKEN]`,
    );
    expect(marquee.output).not.toContain("collect");
    other.close();
  });

  it("helps", async () => {
    const marquee = start("--help");
    expect(await marquee.ended()).toBe(0);
    expect(marquee.output).toContain("TMDB_API_KEY");
  });
});
