import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { Clock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Archive, createArchive } from "../src/archive/archive.ts";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { acceptRun } from "../src/data-quality/accept-run.ts";
import { recordFields } from "../src/data-quality/field-drift.ts";
import { applyRetention } from "../src/data-rights/apply-retention.ts";
import { catalogStep, featuresStep, materializeStep, trainStep } from "../src/tasks/steps.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { listArchive } from "../src/tasks/verify-archive.ts";
import { createDataPlatformMetrics } from "../src/worker/data-platform-metrics.ts";

const FILMS = 100;

/** A minute later each time that it is asked, so that runs have an order. */
function steppingClock(from: string): Clock & { skip(days: number): void } {
  let time = Date.parse(from);
  return {
    skip: (days) => {
      time += days * 86_400_000;
    },
    now: () => {
      time += 60_000;
      return new Date(time);
    },
  };
}

let database: TestDatabase;
let folder: string;
let archive: Archive;
let clock: ReturnType<typeof steppingClock>;
let context: TaskContext;
let logged: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "marquee-quality-"));
  logged = [];
  clock = steppingClock("2020-01-01T00:00:00Z");
  const objectStore = createFileObjectStore(join(folder, "objects"));
  archive = createArchive(objectStore, clock);
  context = {
    database,
    objectStore,
    clock,
    log: createLogger("test", "warn", { write: (line) => logged.push(line) }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const imdbId = (id: number) => `tt${String(1_000_000 + id)}`;
const ids = Array.from({ length: FILMS }, (_, i) => i + 1);

interface FilmChange {
  release_date?: string;
  runtime?: number;
  mood?: string;
}
const film = (id: number, change: FilmChange = {}) => ({
  id,
  imdb_id: imdbId(id),
  title: `Film ${id}`,
  release_date: `${1980 + (id % 30)}-05-01`,
  runtime: 100,
  budget: 5_000_000,
  original_language: "en",
  genres: [{ id: 18, name: "Drama" }],
  vote_average: 7.1,
  vote_count: 12,
  credits: {
    cast: [{ id: 50 + id, name: `Actor ${id}`, credit_id: `a${id}`, order: 0 }],
    crew: [{ id: 1 + (id % 5), name: "Director", credit_id: `d${id}`, department: "Directing", job: "Director" }],
  },
  ...change,
});

const tombstone = (id: number) => ({
  path: `/movie/${id}?`,
  status: 404,
  body: JSON.stringify({ success: false, status_code: 34, status_message: "The resource could not be found." }),
});

let fetches = 0;
async function archiveFilms(films: readonly object[]): Promise<void> {
  fetches += 1;
  const bodies = films.map((body, i) => ({ path: `/movie/${i}?`, body: JSON.stringify(body) }));
  await archive.storeBodies({ source: "tmdb", name: `page-${fetches}`, bodies });
}
async function archiveRatings(day: string, rated: readonly number[], average = "6.5"): Promise<void> {
  const path = join(folder, "ratings.gz");
  const lines = rated.map((id) => `${imdbId(id)}\t${average}\t100\n`);
  writeFileSync(path, gzipSync(`tconst\taverageRating\tnumVotes\n${lines.join("")}`));
  await archive.storeFile({ source: "imdb", name: "title.ratings", path, observedAt: new Date(day) });
}

const load = async () => trackedStep(context, catalogStep(archive, await listArchive(archive)));
const build = async () =>
  trackedStep(context, featuresStep(await catalogHash(database), context.clock, { maturityDays: 0 }));

async function latestRun(step: string): Promise<string> {
  const [row] = await database.query<{ run_id: string }>(
    "select run_id from step_runs where step = $1 order by started_at desc limit 1",
    [step],
  );
  return row?.run_id ?? "";
}
const stopsOf = (runId: string) =>
  database.query("select subject, metric, value from quality_checks where run_id = $1 and verdict = 'stop'", [runId]);

async function shownMetrics(): Promise<string> {
  const metrics = createMetrics("test", { ofProcess: false });
  createDataPlatformMetrics(metrics, context);
  return metrics.text();
}

describe("a file with half its rows", () => {
  beforeEach(async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await archiveRatings("2020-01-02T00:00:00Z", ids);
    await load();
    await build();
    await archiveRatings("2020-01-03T00:00:00Z", ids.slice(0, FILMS / 2), "6.9");
  });

  it("is refused: what was there before stays in use, and the run says what was wrong and how to accept it", async () => {
    await expect(load()).rejects.toMatchObject({
      code: "QUALITY_STOPPED",
      message: expect.stringMatching(
        /title\.ratings rows is 50 \(expected: 98 to 150.*quality accept [0-9a-f-]{36} --by/,
      ),
    });
    const stopped = await latestRun("catalog");
    expect(await stopsOf(stopped)).toEqual([{ subject: "title.ratings", metric: "rows", value: 50 }]);
    expect(await database.query("select distinct average, observed_on from imdb_ratings")).toEqual([
      { average: 6.5, observed_on: "2020-01-02" },
    ]);
    expect(
      await database.query("select status, detail->'quality'->>'verdict' as verdict from step_runs where run_id = $1", [
        stopped,
      ]),
    ).toEqual([{ status: "failed", verdict: "stop" }]);
    expect(await shownMetrics()).toMatch(/marquee_quality_verdict\{layer="silver".*\} 2/);
  });

  it("is not tried again by itself; later loads go on with the rows of before, and say so", async () => {
    await expect(load()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
    const again = await load();
    expect(again.detail.quality).toMatchObject({
      verdict: "warn",
      warnings: [expect.stringContaining("imdb refused is 1")],
    });
    expect(await database.query("select count(*)::integer as rows from imdb_ratings where average > 6.6")).toEqual([
      { rows: 0 },
    ]);
  });

  it("is loaded once a person has accepted it, and is what the next one is held against", async () => {
    await expect(load()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
    await acceptRun(context, await latestRun("catalog"), "kim", "IMDb removed half its titles");
    const { detail } = await load();
    expect(detail.quality).toMatchObject({ verdict: "pass", stops: [] });
    expect(await database.query("select count(*)::integer as rows from imdb_ratings where average > 6.6")).toEqual([
      { rows: 50 },
    ]);
    await archiveRatings("2020-01-04T00:00:00Z", ids.slice(0, FILMS / 2 - 1), "6.8");
    expect((await load()).detail.quality).toMatchObject({ stops: [] });
  });

  it("is loaded too where a person accepts it after loads that went on without it", async () => {
    await expect(load()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
    const stopped = await latestRun("catalog");
    await load();
    await acceptRun(context, stopped, "kim", "IMDb removed half its titles");
    expect((await load()).unchanged).toBe(false);
    expect(await database.query("select count(*)::integer as rows from imdb_ratings where average > 6.6")).toEqual([
      { rows: 50 },
    ]);
  });
});

describe("a catalog that lost a third of its dates", () => {
  beforeEach(async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await archiveRatings("2020-01-02T00:00:00Z", ids);
    await load();
    await build();
    await archiveFilms(ids.slice(0, 33).map((id) => film(id, { release_date: "" })));
    await expect(load()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
  });

  it("makes no features and trains no model, and those of before stay", async () => {
    expect(await stopsOf(await latestRun("catalog"))).toEqual([
      { subject: "movies", metric: "null_share release_date", value: 0.33 },
    ]);
    const before = await database.query("select * from feature_movies order by tmdb_id");
    const refusal = { code: "QUALITY_STOPPED", message: expect.stringContaining("nothing new is made from it") };
    await expect(build()).rejects.toMatchObject(refusal);
    const training = trainStep(context, { backend: "auto", settings: {} });
    await expect(training.then((step) => trackedStep(context, step))).rejects.toMatchObject(refusal);
    expect(await database.query("select * from feature_movies order by tmdb_id")).toEqual(before);
    expect(before).toHaveLength(FILMS);
  });

  it("leaves the online store alone, and fills one that is empty", async () => {
    const online = createMemoryOnlineStore(context.clock);
    const fill = () => trackedStep(context, materializeStep(online));
    expect((await fill()).rowsIn).toBe(FILMS);
    await expect(fill()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
    await archiveFilms(ids.slice(0, 33).map((id) => film(id)));
    await load();
    expect((await fill()).rowsIn).toBe(FILMS);
  });

  it("stays stopped while nothing is mended, also where a load dies before it is judged", async () => {
    await expect(load()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
    const killed = trackedStep(context, { step: "catalog", work: () => Promise.reject(new RangeError("too far")) });
    await expect(killed).rejects.toThrow("too far");
    await expect(build()).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
  });

  it("is used again once the dates are back", async () => {
    await archiveFilms(ids.slice(0, 33).map((id) => film(id)));
    await load();
    expect((await build()).rowsOut).toBe(FILMS);
  });

  it("is used once a person has accepted it; the features' own gate then asks the same of them", async () => {
    await acceptRun(context, await latestRun("catalog"), "kim", "the dates were wrong");
    expect(await shownMetrics()).toMatch(/marquee_quality_verdict\{layer="silver".*\} 1/);
    await expect(build()).rejects.toMatchObject({
      code: "QUALITY_STOPPED",
      message: expect.stringContaining("feature_movies null_share release_year is 0.33"),
    });
    expect(
      await database.query("select count(*)::integer as rows from feature_movies where \"values\"[1] <> 'NaN'"),
    ).toEqual([{ rows: FILMS }]);
    const stopped = await latestRun("features");
    expect(await acceptRun(context, stopped, "kim", "the dates were wrong")).toBe("features");
    await expect(acceptRun(context, stopped, "lee", "me too")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    expect((await build()).rowsOut).toBe(FILMS);
    expect((await load()).detail.quality).toMatchObject({ stops: [] });
  });
});

describe("rows that are removed because their time is up", () => {
  const FOR_EVER = { userEvents: 0, userRatings: 0, predictions: 0, runs: 0, features: 0, logs: 0, tmdb: 0, imdb: 0 };
  const loadAndBuild = async () => [(await load()).detail.quality, (await build()).detail.quality];

  it("are no reason to stop: most films, with their features", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await archiveRatings("2020-01-02T00:00:00Z", ids);
    await loadAndBuild();
    clock.skip(40);
    await archiveFilms(ids.slice(0, 30).map((id) => film(id, { runtime: 101 })));
    await loadAndBuild();
    const { detail } = await applyRetention(context, { ...FOR_EVER, tmdb: 30 });
    expect(detail.removed).toMatchObject({ movies: 70 });
    await archiveFilms([film(1, { runtime: 102 })]);
    expect(await loadAndBuild()).toMatchObject([{ stops: [] }, { stops: [] }]);
    expect(await database.query("select count(*)::integer as rows from feature_movies")).toEqual([{ rows: 30 }]);
  });

  it("are no reason to stop: most of the ratings' history", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    for (const day of [2, 3, 4, 5]) await archiveRatings(`2020-01-0${day}T00:00:00Z`, ids, `6.${day}`);
    clock.skip(40);
    await archiveRatings("2020-02-10T00:00:00Z", ids, "6.6");
    await load();
    await applyRetention(context, { ...FOR_EVER, imdb: 30 });
    await archiveFilms([film(1, { runtime: 102 })]);
    expect((await load()).detail.quality).toMatchObject({ stops: [] });
    expect(await database.query("select count(*)::integer as rows from imdb_ratings")).toEqual([{ rows: 2 * FILMS }]);
  });

  it("excuse no others: what is lost beside them still stops", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await load();
    clock.skip(40);
    await archiveFilms(ids.slice(0, 60).map((id) => film(id, { runtime: 101 })));
    await load();
    await applyRetention(context, { ...FOR_EVER, tmdb: 30 });
    await archive.storeBodies({ source: "tmdb", name: "gone", bodies: ids.slice(0, 20).map(tombstone) });
    await expect(load()).rejects.toMatchObject({ message: expect.stringContaining("movies rows is 40") });
  });
});

describe("accepting", () => {
  it("asks for a run that was stopped, a name and a reason", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await load();
    const run = await latestRun("catalog");
    await expect(acceptRun(context, run, "kim", "why not")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(acceptRun(context, run, " ", "why not")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    const unknown = "0197b1a8-3f5e-7c52-9a55-0d4f3a3c1f10";
    await expect(acceptRun(context, unknown, "kim", "why not")).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });
});

describe("fields that move", () => {
  const record = (bodies: readonly object[]) =>
    database.transaction((tx) => recordFields(tx, "tmdb", bodies, context.clock.now()));
  const drift = () => database.query("select path, kind, detail from schema_drift order by path, kind");

  it("are noted once each, with when they were seen first and last", async () => {
    await record(ids.map((id) => film(id)));
    await record(ids.slice(0, 3).map((id) => film(id, { mood: "sad" })));
    await record(ids.slice(0, 5).map((id) => film(id, { mood: "glad" })));
    const untitled = ids.slice(0, 30).map((id) => {
      const { title: _, ...rest } = film(id);
      return { ...rest, runtime: null };
    });
    await record(untitled);
    expect(await drift()).toEqual([
      { path: "mood", kind: "new", detail: "in 3 of 3 bodies, in none of 100 before" },
      { path: "runtime", kind: "null", detail: "null in 30 of 30 bodies, in none of 108 before" },
      { path: "title", kind: "missing", detail: "in none of 30 bodies, in 108 before" },
    ]);
    expect(await database.query("select bodies, nulls from source_fields where path = 'runtime'")).toEqual([
      { bodies: 138, nulls: 30 },
    ]);
    expect(await shownMetrics()).toMatch(/marquee_schema_drift\{source="tmdb",kind="new".*\} 1/);
  });

  it("are none where TMDB says that films are gone, or fails: those answers tell of no film", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await load();
    const overloaded = JSON.stringify({ success: false, status_code: 46, status_message: "maintenance" });
    const errors = ids.slice(10, 12).map((id) => ({ path: `/movie/${id}?`, status: 503, body: overloaded }));
    const gone = ids.slice(0, 10).map(tombstone);
    await archive.storeBodies({ source: "tmdb", name: "gone", bodies: [...gone, ...gone, ...gone, ...errors] });
    await load();
    expect(await drift()).toEqual([]);
  });

  it("are told in the log by the load that met them, and stop nothing", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await load();
    await archiveFilms([film(1, { mood: "sad" })]);
    await load();
    await archiveFilms([film(2, { mood: "sad" })]);
    await load();
    const told = logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "a source's form has moved");
    expect(told).toEqual([expect.objectContaining({ source: "tmdb", path: "mood", kind: "new" })]);
  });
});

describe("the worker's page", () => {
  it("shows what the database knows of the data", async () => {
    await archiveFilms(ids.map((id) => film(id)));
    await archiveRatings("2020-01-02T00:00:00Z", ids);
    await load();
    await database.execute(
      `insert into source_requests values ('tmdb', 'ok', 41), ('tmdb', 'timeout', 2);
       insert into quarantine (source, source_id, reason, detail, first_seen, last_seen) values ('imdb', 'tt1', 'schema', '', now(), now())`,
    );
    const text = await shownMetrics();
    expect(text).toMatch(/^# TYPE marquee_source_requests_total counter$/m);
    expect(text).toMatch(/marquee_source_requests_total\{source="tmdb",outcome="ok".*\} 41/);
    expect(text).toMatch(/marquee_quarantine_rows\{source="imdb",reason="schema".*\} 1/);
    expect(text).toMatch(/marquee_catalog_rows\{table="movies".*\} 100/);
    expect(text).toMatch(
      /marquee_quality_check\{layer="silver",subject="movies",metric="null_share release_date".*\} 0/,
    );
    expect(text).toMatch(/marquee_quality_verdict\{layer="silver".*\} 0/);
    expect(text).toMatch(/marquee_archive_age_seconds\{source="tmdb".*\} \d+/);
  });

  it("is there without these figures while the database is away", async () => {
    await database.execute("drop view ratings; drop table source_requests");
    expect(await shownMetrics()).not.toMatch(/^marquee_/m);
    expect(logged.join()).toContain("could not be read for /metrics");
  });
});
