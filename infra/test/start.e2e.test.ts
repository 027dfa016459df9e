import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PipelineRun, pipelineRunSchema } from "@marquee/shared/contracts/pipeline-run";
import { type Prediction, predictionSchema } from "@marquee/shared/contracts/prediction";
import { taskResultSchema } from "@marquee/shared/contracts/tasks";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import axios from "axios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf } from "../docs/doc-commands.ts";

const home = mkdtempSync(join(tmpdir(), "marquee-start-"));
/** Once a year: no pipeline starts by itself amid a test. */
const SCHEDULES = {
  DAILY_SCHEDULE: "0 0 1 1 *",
  TRAIN_SCHEDULE: "0 0 1 1 *",
  RETENTION_SCHEDULE: "0 0 1 1 *",
  SKEW_SCHEDULE: "0 0 1 1 *",
};
const start = (...args: string[]) => startWith({}, ...args);
const startWith = (variables: Record<string, string>, ...args: string[]) => {
  const all = ["infra/local/main.ts", "--home", home, "--port", "0", ...args];
  const marquee = startProcess(all, { ...SCHEDULES, ...variables });
  started.push(marquee);
  return marquee;
};
const started: MarqueeProcess[] = [];
const READY = /Marquee answers at (http:\/\/\S+) after/;
const PATIENT = { timeout: 120_000, interval: 50 };

const METRICS_OF_ALL_PARTS = [
  "http_request_duration_seconds",
  "predictions_total",
  "feature_age_seconds",
  "messages_published_total",
  "spool_bytes",
  "pipeline_runs_total",
  "tasks_running",
  'consumer_lag_messages{topic="logs",service="logs"}',
  'consumer_lag_messages{topic="events.user",service="events"}',
  'consumer_lag_messages{topic="predictions",service="quality"}',
  "tested_rmse",
];

afterAll(async () => {
  for (const marquee of started) marquee.signal("SIGKILL"); // those of tests that failed
  await Promise.all(started.map((marquee) => marquee.ended()));
  rmSync(home, { recursive: true, force: true });
});

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
  const get = async (path: string) => (await axios.get<unknown>(`${address}${path}`)).data;
  /** A series at `/metrics` by its name and some of its labels; of several the sum. */
  const metric = async (name: string, ...labels: string[]) =>
    String(await get("/metrics"))
      .split("\n")
      .filter((line) => line.startsWith(`marquee_${name}{`) && labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  /** A run that was started by hand, once it has ended. */
  const endedRun = async (pipeline: string): Promise<PipelineRun> => {
    const { runId } = pipelineRunSchema.parse((await post(`/api/pipelines/${pipeline}/runs`, {})).data);
    const read = async () => pipelineRunSchema.parse(await get(`/api/runs/${runId}`));
    await expect.poll(async () => (await read()).status, PATIENT).toMatch(/succeeded|failed/);
    return read();
  };

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
    expect(marquee.output).toMatch(/collect +3,2\d\d films, 7 IMDb files/);
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
    expect(await get("/docs/json")).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/),
      paths: { "/predict": {}, "/events": {}, "/api/pipelines/{name}/runs": {} },
    });
    await expect.poll(() => get("/ready"), PATIENT).toMatchObject({ status: "ready" });
    const metrics = String(await get("/metrics"));
    for (const name of METRICS_OF_ALL_PARTS) expect(metrics).toContain(`marquee_${name}`);
    expect(metrics.match(/^process_resident_memory_bytes/gm)).toHaveLength(1);
    expect(await get("/models/current")).toMatchObject({ version: 1, alias: "champion", movedBy: "gate" });
  });

  it("keeps what users did, as the screen says to tell it, what it predicted, and what it logged", async () => {
    const event = /curl -s http\S+(\/events) -H 'content-type: application\/json' -d '(.*)'$/m.exec(marquee.output);
    const { status, data } = await post(event?.[1] ?? "", JSON.parse(event?.[2] ?? ""));
    expect([status, data]).toEqual([202, { id: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    await predict({ movie: { tmdbId } });
    const stored = (topic: string) => metric("messages_consumed_total", `topic="${topic}"`, 'outcome="stored"');
    await expect.poll(() => stored("events.user"), PATIENT).toBe(1);
    const answered = await metric("predictions_total", 'outcome="answered"');
    await expect.poll(() => stored("predictions"), PATIENT).toBe(answered);
    expect(await stored("logs")).toBeGreaterThan(answered);
    expect(await metric("messages_consumed_total", 'outcome="dead"')).toBe(0);
  });

  it("collects what is new by hand as it does day by day, and makes features of it", async () => {
    const run = await endedRun("daily");
    expect(run.tasks.map(({ task, status, error }) => [task, status, error])).toEqual(
      ["collect", "catalog", "features", "materialize"].map((task) => [task, "succeeded", null]),
    );
    expect((await predict({ movie: { tmdbId } })).features.stale).toEqual([]);
  });

  it("retrains by hand: the gate decides, and answers follow it", async () => {
    const run = await endedRun("train");
    const { detail } = taskResultSchema.parse(run.tasks.at(-1)?.output);
    expect(detail).toMatchObject({ version: 2, promoted: true, comparison: { version: 1, compared: { films: 300 } } });
    await expect.poll(() => get("/models/current"), PATIENT).toMatchObject({ version: 2, movedBy: "gate" });
    expect((await predict({ movie: { tmdbId } })).model.version).toBe(2);
  });

  it("retrains by hand where nothing is new: the gate says so, and the champion stays", async () => {
    const run = await endedRun("train");
    expect(taskResultSchema.parse(run.tasks.at(-1)?.output).detail).toMatchObject({
      ...{ version: 3, promoted: false },
      reasons: [
        "Nothing new was learned: the champion (version 2) was made from the same films with the same settings.",
      ],
    });
    expect(await get("/models/current")).toMatchObject({ version: 2 });
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
      /: \d\.\d, with 90 % probability between \d\.\d and \d+\.\d\n {2}rating version 2, as of \d{4}-\d\d-\d\d/,
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
    expect((await axios.get(`${address}/models/current`)).data).toMatchObject({ version: 2 });
    marquee.signal("SIGTERM");
    expect(await marquee.ended()).toBe(0);
  });

  it("goes on with a run that the stop of the one before has interrupted", async () => {
    const first = start();
    const [, before = ""] = await first.printed(READY);
    const ask = (address: string, path: string) =>
      axios.get<PipelineRun>(`${address}${path}`, { validateStatus: () => true });
    await expect.poll(async () => (await ask(before, "/ready")).data, PATIENT).toMatchObject({ status: "ready" });
    const { runId } = (await axios.post<PipelineRun>(`${before}/api/pipelines/train/runs`, {})).data;
    const path = `/api/runs/${runId}`;
    const training = async (address: string) =>
      (await ask(address, path)).data.tasks?.find(({ task }) => task === "train");
    await expect.poll(async () => (await training(before))?.status, PATIENT).toBe("running");
    first.signal("SIGINT");
    expect(await first.ended()).toBe(0);
    const second = start();
    const [, after = ""] = await second.printed(READY);
    await expect.poll(async () => (await ask(after, path)).data.status, PATIENT).toBe("succeeded");
    expect(await training(after)).toMatchObject({ status: "succeeded", tries: 2 });
    second.signal("SIGINT");
    expect(await second.ended()).toBe(0);
  });

  it("lets others start pipelines only with a token, and leaves out what has none", async () => {
    const marquee = startWith({ SCHEDULER_API_TOKEN: "a-token" }, "--host", "0.0.0.0");
    const address = (await marquee.printed(READY))[1] ?? "";
    await marquee.printed(
      /Left out, since others than this machine might call: \/webhooks\/alertmanager needs ALERTMANAGER_WEBHOOK_TOKEN, \/features needs FEATURE_SERVER_TOKEN\./,
    );
    expect(marquee.output).toContain('-H "authorization: Bearer $SCHEDULER_API_TOKEN"');
    const status = async (path: string, headers = {}) =>
      (await axios.post(`${address}${path}`, {}, { headers, validateStatus: () => true })).status;
    expect(await status("/api/pipelines/daily/runs")).toBe(401);
    expect(await status("/api/pipelines/nothing/runs", { authorization: "Bearer a-token" })).toBe(404);
    expect(await status("/webhooks/alertmanager")).toBe(404);
    expect(await status("/features/get-online-features")).toBe(404);
    marquee.signal("SIGINT");
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
