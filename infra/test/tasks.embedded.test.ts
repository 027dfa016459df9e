import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { openTracking } from "@marquee/shared/backing/tracking/open-tracking";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { TaskName, TaskResult } from "@marquee/shared/contracts/tasks";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { viewKey } from "@marquee/shared/features/feature-view";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import type { Comparison } from "@marquee/shared/registry/promotion-gate";
import { createRegistry } from "@marquee/shared/registry/registry";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import { TASK_TABLE } from "@marquee/workhorse/tasks/task-table";
import type { WorkContext } from "@marquee/workhorse/tasks/work-context";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import { writeOwnFilms } from "../testing/own-films.ts";

const FILMS = 520;
/** One source in the eyes of the crawl, whatever port it listens on. */
const IDENTITY = "made-up films";
const clock = systemClock;
const log = createLogger("test", "silent");
const root = mkdtempSync(join(tmpdir(), "marquee-tasks-"));

let database: TestDatabase;
let sandbox: FastifyInstance;
/** Ids of the films whose details were asked for. */
let asked: number[] = [];
let onDetails: () => void = () => undefined;
let context: WorkContext;

/** The made-up films on a free port, those before them gone. */
async function serve(films: number, change: Parameters<typeof writeOwnFilms>[2] = {}): Promise<void> {
  await sandbox?.close();
  const folder = join(root, "films");
  rmSync(folder, { recursive: true, force: true });
  writeOwnFilms(folder, films, change);
  sandbox = createSandbox({ films: await loadFilms(folder, log), apiKey: "key", log });
  sandbox.addHook("onRequest", (request, _reply, done) => {
    const id = /^\/3\/movie\/(\d+)\?/.exec(request.url)?.[1];
    if (id !== undefined) {
      asked.push(Number(id));
      onDetails();
    }
    done();
  });
  const address = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const settings = {
    TMDB_API_KEY: "key",
    TMDB_BASE_URL: `${address}/3`,
    // No file of ids there: the made-up films do not say when they changed, and discover's list shows it.
    TMDB_EXPORT_URL: `${address}/none`,
    TMDB_REQUESTS_PER_SECOND: 0,
    TMDB_MIN_VOTES: 0,
    IMDB_BASE_URL: `${address}/imdb`,
  };
  const clients = createSourceClients(settings, { clock, log, signal: new AbortController().signal });
  context = { ...context, sources: { ...clients, identity: IDENTITY } };
}

const run = (task: TaskName, input: object = {}, changes: Partial<WorkContext> = {}): Promise<TaskResult> =>
  TASK_TABLE[task](input, { ...context, ...changes });

beforeAll(async () => {
  database = await createTestDatabase();
  context = {
    database,
    objectStore: createFileObjectStore(join(root, "objects")),
    backups: {
      store: createFileObjectStore(join(root, "backups")),
      keep: { daily: 7, weekly: 4, monthly: 12 },
    },
    onlineStore: createMemoryOnlineStore(clock),
    tracking: undefined,
    options: {
      maturityDays: 0,
      backend: "wasm",
      seed: 1,
      testFrom: undefined,
      retention: { userEvents: 0, userRatings: 0, predictions: 0, runs: 0, features: 0, logs: 0, tmdb: 0, imdb: 0 },
    },
    clock,
    log,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    sources: {} as WorkContext["sources"],
  };
  await serve(FILMS);
});
afterEach(() => {
  asked = [];
  onDetails = () => undefined;
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
  rmSync(root, { recursive: true, force: true });
});

describe("collecting", () => {
  it("that is cut off in the middle goes on where it was", async () => {
    const abort = new AbortController();
    const reason = new DOMException("stopping", "AbortError");
    onDetails = () => {
      if (asked.length === 150) abort.abort(reason);
    };
    await expect(run("collect", {}, { signal: abort.signal })).rejects.toBe(reason);
    const { rowsIn, rowsOut, detail } = await run("collect");
    expect({ rowsIn, rowsOut, detail }).toMatchObject({
      rowsIn: FILMS,
      rowsOut: FILMS,
      detail: { listed: FILMS, fetched: FILMS, gone: 0, files: 7, unchanged: false },
    });
    expect(new Set(asked).size).toBe(FILMS);
    // At most the batch under way is asked for twice.
    expect(asked.length).toBeLessThanOrEqual(FILMS + 100);
  });

  it("again asks for nothing that has not changed", async () => {
    const { rowsIn, rowsOut, detail } = await run("collect");
    expect([rowsIn, rowsOut, detail.files]).toEqual([FILMS, 0, 0]);
    expect(asked).toEqual([]);
  });

  it("another source fetches everything anew", async () => {
    const { rowsOut } = await run("collect", {}, { sources: { ...context.sources, identity: "other films" } });
    expect(rowsOut).toBe(FILMS);
    await run("collect");
  });
});

describe("the tasks of the pipelines", () => {
  const trained = async (input: object = {}) => String((await run("train", input)).detail.runId);
  const registry = () => createRegistry(database, clock);

  it("make a champion and put features online", async () => {
    expect(await run("catalog")).toMatchObject({ rowsOut: FILMS, detail: { rated: FILMS } });
    expect(await run("features")).toMatchObject({ rowsOut: FILMS, detail: { mature: FILMS, unchanged: false } });
    expect(await run("features")).toMatchObject({ detail: { mature: FILMS, unchanged: true } });
    expect((await run("materialize")).rowsOut).toBeGreaterThan(FILMS);
    const watermarks = await context.onlineStore.watermarks();
    expect(RATING_VIEWS.map(viewKey).filter((view) => !watermarks.has(view))).toEqual([]);
    const rows = await context.onlineStore.read(RATING_VIEWS.map((view) => onlineRowKey(view, 700_000)));
    expect(rows.map(({ status }) => status)).toEqual(RATING_VIEWS.map(() => "present"));
    const runId = await trained();
    const { rowsOut, detail } = await run("gate", { runId });
    expect([rowsOut, detail.version, detail.promoted, detail.comparison]).toEqual([1, 1, true, undefined]);
    expect(await registry().aliases(RATING_MODEL)).toEqual({ champion: 1 });
    const steps = await database.query<{ step: string; status: string }>(
      "select distinct step, status from step_runs where status <> 'failed' order by step",
    );
    expect(steps.map(({ step }) => step)).toEqual([
      "catalog",
      "collect",
      "features",
      "materialize",
      "register",
      "train",
    ]);
  });

  it("refuse a model that has learned nothing new, and keep the reason where aliases are told", async () => {
    const runId = await trained();
    const refused = await run("gate", { runId });
    expect(refused).toMatchObject({
      rowsOut: 0,
      detail: { version: 2, promoted: false, comparison: { version: 1, compared: "nothing-new" } },
    });
    const reason =
      "Nothing new was learned: the champion (version 1) was made from the same films with the same settings.";
    expect(refused.detail.reasons).toEqual([reason]);
    expect(await registry().aliases(RATING_MODEL)).toEqual({ champion: 1, challenger: 2 });
    expect((await registry().moves(RATING_MODEL))[0]).toMatchObject({
      alias: "challenger",
      to: 2,
      movedBy: "gate",
      reason,
    });
  });

  it("decide on a run once: begun a second time, the gate tells the same", async () => {
    const moves = await registry().moves(RATING_MODEL);
    const [first, second] = await Promise.all(
      moves
        .toReversed()
        .map(async ({ to }) => run("gate", { runId: (await registry().getVersion(RATING_MODEL, to)).runId })),
    );
    expect(first?.detail).toMatchObject({ version: 1, promoted: true });
    expect(second?.detail).toMatchObject({ version: 2, promoted: false, comparison: { compared: "nothing-new" } });
    expect(await registry().moves(RATING_MODEL)).toEqual(moves);
  });

  it("fetch what is new and changed alone, and hold a new model against the champion on the same films", async () => {
    await serve(FILMS + 150, { titles: { 3: "Film 3, restored" } });
    const collected = await run("collect");
    expect([collected.rowsIn, collected.rowsOut, collected.detail.files]).toEqual([FILMS + 150, 151, 2]);
    expect(asked).toContain(700_003);
    await run("catalog");
    expect(await database.query("select title from movies where tmdb_id = 700003")).toEqual([
      { title: "Film 3, restored" },
    ]);
    await run("features");
    const { detail } = await run("gate", { runId: await trained() });
    const { version } = await registry().getVersion(RATING_MODEL, 3);
    const champion = (await registry().getVersion(RATING_MODEL, 1)).metrics;
    expect(detail).toMatchObject({ version, comparison: { version: 1, compared: { leftOut: 0, confidence: 0.95 } } });
    const { compared } = detail.comparison as { compared: Comparison };
    expect(compared.from >= champion.testFrom).toBe(true);
    expect(compared.difference).toBeCloseTo(compared.candidateRmse - compared.championRmse, 12);
    expect(detail.promoted).toBe(compared.upper <= 0.005);
    expect(String(detail.reasons)).toContain(`on the same ${compared.films} films`);
    expect((await registry().firstMoveOf(RATING_MODEL, 3, "gate"))?.metrics).toMatchObject({
      comparison: detail.comparison,
    });
  });

  it("do not put back what a person has rolled back, when the same films are trained on again", async () => {
    await registry().moveAlias({
      ...{ name: RATING_MODEL, alias: "champion", to: 3, by: "an operator", reason: "A trial.", metrics: {} },
    });
    await registry().moveAlias({
      ...{ name: RATING_MODEL, alias: "champion", to: 1, by: "an operator", reason: "It failed.", metrics: {} },
    });
    const { detail } = await run("gate", { runId: await trained() });
    expect(detail.promoted).toBe(false);
    expect(detail.reasons).toContain(
      "It is version 3 again, byte for byte, which was champion until an operator replaced it: It failed.",
    );
    expect(await registry().aliases(RATING_MODEL)).toMatchObject({ champion: 1 });
  });

  it("go on where the champion's artifact is lost", async () => {
    rmSync(join(root, "objects/models"), { recursive: true });
    const { detail } = await run("gate", { runId: await trained({ seed: 5 }) });
    expect(detail).toMatchObject({ promoted: true, comparison: { compared: "impossible" } });
    expect(String(detail.reasons)).toContain("its artifact is not usable");
  });

  it("do not fail when models cannot be mirrored", async () => {
    // Nobody listens on port 1.
    const tracking = openTracking({ MLFLOW_TRACKING_URI: "http://127.0.0.1:1" });
    expect((await run("train", { seed: 6 }, { tracking })).rowsOut).toBe(1);
  });

  it("refuse inputs that are not theirs, and runs that nobody knows", async () => {
    await expect(run("collect", { fast: true })).rejects.toThrow(/fast/);
    await expect(run("gate", { runId: "01890a5d-ac96-774b-bcce-b302099a8057" })).rejects.toMatchObject({
      code: "RUN_UNKNOWN",
    });
  });
});
