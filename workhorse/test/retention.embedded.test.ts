import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { fixedClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import type { TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArchive } from "../src/archive/archive.ts";
import { applyRetention } from "../src/data-rights/apply-retention.ts";
import { eraseUser } from "../src/data-rights/erase-user.ts";
import { withStepLock } from "../src/tasks/step-lock.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { clock, createRetentionHarness, FOR_EVER, type RetentionHarness } from "./retention-harness.ts";

const TEN_DAYS = 10;
const OLD = "2026-02-19T23:59:59.999Z";
const ON_THE_BORDER = "2026-02-20T00:00:00.000Z";
/** Is fetched again: two of ten days are left. */
const SOON = "2026-02-21T12:00:00.000Z";
const NEW = "2026-03-01T00:00:00.000Z";

let database: TestDatabase;
let folder: string;
let objectStore: ObjectStore;
let context: TaskContext;

let harness: RetentionHarness;
beforeEach(async () => {
  harness = await createRetentionHarness();
  ({ database, folder, objectStore, context } = harness);
});
afterEach(() => harness.close());

const retain: RetentionHarness["retain"] = (days, changes) => harness.retain(days, changes);
/** A file of IMDb as the archive has it when it was fetched at that moment. */
const storeFile = (name: string, content: string, moment: string) => {
  const path = join(folder, "download");
  writeFileSync(path, gzipSync(content));
  const archive = createArchive(objectStore, fixedClock(moment));
  return archive.storeFile({ source: "imdb", name, path, observedAt: new Date(moment) });
};
const column = async (sql: string) =>
  (await database.query<{ value: unknown }>(`select ${sql}`)).map(({ value }) => value);

describe("what we recorded ourselves", () => {
  const MOMENTS = [OLD, ON_THE_BORDER, NEW];

  it.each([
    [
      "user events",
      { userEvents: TEN_DAYS },
      "user_events",
      "received_at",
      "insert into user_events (event_id, type, user_id, tmdb_id, happened_at, received_at) values (gen_random_uuid(), 'click', 'ada', 603, '1990-01-01', $1)",
    ],
    [
      "user ratings",
      { userRatings: TEN_DAYS },
      "user_ratings",
      "rated_at",
      "insert into user_ratings (user_id, tmdb_id, rating, rated_at, event_id) values (gen_random_uuid()::text, 603, 8, $1, gen_random_uuid())",
    ],
    [
      "predictions",
      { predictions: TEN_DAYS },
      "predictions",
      "predicted_at",
      "insert into predictions values (gen_random_uuid(), 603, 'rating', 1, '2026-01-01', 7, 6, 8, false, 'a trace', $1)",
    ],
    [
      "log lines",
      { logs: TEN_DAYS },
      "log_lines",
      "logged_at",
      "insert into log_lines values (gen_random_uuid(), $1, 'serving', 'info', null, '{}')",
    ],
    [
      "the steps' runs",
      { runs: TEN_DAYS },
      "step_runs",
      "started_at",
      "insert into step_runs (run_id, step, status, started_at) values (gen_random_uuid(), 'catalog', 'failed', $1)",
    ],
    [
      "the pipelines' runs",
      { runs: TEN_DAYS },
      "pipeline_runs",
      "ended_at",
      "insert into pipeline_runs (run_id, pipeline, status, trigger, triggered_by, reason, created_at, ended_at) values (gen_random_uuid(), 'daily', 'failed', 'manual', 'me', 'why', '1990-01-01', $1)",
    ],
    [
      "the governor's decisions",
      { runs: TEN_DAYS },
      "retrain_decisions",
      "last_seen_at",
      "insert into retrain_decisions values (gen_random_uuid(), gen_random_uuid()::text, '1990-01-01', 'an alert', false, 'no', 'why', null, 1, '1990-01-01', $1)",
    ],
  ])(
    "%s: older ones go, the day on the border stays, and for ever is for ever",
    async (_what, days, table, time, insert) => {
      for (const moment of MOMENTS) await database.execute(insert, [moment]);
      const left = () => column(`${time} as value from ${table} order by 1`);
      await retain(FOR_EVER);
      expect(await left()).toEqual(MOMENTS.map((moment) => new Date(moment)));
      expect(await retain(days)).toMatchObject({ [table]: 1 });
      expect(await left()).toEqual([ON_THE_BORDER, NEW].map((moment) => new Date(moment)));
      expect(await retain(days)).toMatchObject({ [table]: 0 });
    },
  );

  it("goes in batches, each of which stays removed where the task is stopped", async () => {
    await database.execute(
      `insert into user_events (event_id, type, user_id, tmdb_id, happened_at, received_at)
       select gen_random_uuid(), 'click', 'ada', 603, $1, $1 from generate_series(1, 12000)`,
      [OLD],
    );
    const controller = new AbortController();
    const stopAfterOne = { signal: controller.signal, onProgress: () => controller.abort(new TypeError("stopped")) };
    await expect(retain({ userEvents: TEN_DAYS }, stopAfterOne)).rejects.toThrow("stopped");
    expect(await column("count(*)::integer as value from user_events")).toEqual([7_000]);
    expect(await retain({ userEvents: TEN_DAYS })).toEqual({ user_events: 7_000 });
  });

  it("keeps the latest success of each step, what runs, and what a person has accepted", async () => {
    const run = async (step: string, status: string, started: string) => {
      const runId = uuidv7(clock);
      await database.execute("insert into step_runs (run_id, step, status, started_at) values ($1, $2, $3, $4)", [
        ...[runId, step, status, started],
      ]);
      return runId;
    };
    await run("catalog", "succeeded", "2025-01-01T00:00:00Z");
    await run("catalog", "succeeded", "2025-01-02T00:00:00Z");
    await run("catalog", "running", "2025-01-03T00:00:00Z");
    const accepted = await run("features", "failed", "2025-01-04T00:00:00Z");
    await run("features", "failed", "2025-01-05T00:00:00Z");
    await database.execute("insert into quality_acceptances values ($1, 'me', 'why', '2025-01-04')", [accepted]);
    expect(await retain({ runs: TEN_DAYS })).toMatchObject({ step_runs: 2 });
    expect(await column("started_at::date::text as value from step_runs order by 1")).toEqual([
      ...["2025-01-02", "2025-01-03", "2025-01-04"],
    ]);
  });

  it("removes a run's quality figures with it, but for those that the next load is held against", async () => {
    const judged = async (started: string, verdict: string, subject: string) => {
      const runId = uuidv7(clock);
      await database.execute(
        "insert into step_runs (run_id, step, status, started_at) values ($1, 'catalog', 'failed', $2)",
        [runId, started],
      );
      await database.execute(
        "insert into quality_checks values ($1, $2, 'rows', 'silver', 7, 'any', $3, $4), ($1, $2, 'count', 'silver', 7, 'any', 'pass', $4)",
        [runId, subject, verdict, started],
      );
    };
    await judged("2025-01-01T00:00:00Z", "pass", "title.ratings");
    await judged("2025-01-02T00:00:00Z", "pass", "title.ratings");
    await judged("2025-01-03T00:00:00Z", "stop", "title.ratings");
    await judged("2025-01-04T00:00:00Z", "stop", "title.ratings");
    await judged("2025-01-05T00:00:00Z", "warn", "movies");
    expect(await retain({ runs: TEN_DAYS })).toMatchObject({ step_runs: 2 });
    expect(
      await column(
        "concat(subject, ' ', checked_at::date) as value from quality_checks where metric = 'rows' order by 1",
      ),
    ).toEqual([...["movies 2025-01-05", "title.ratings 2025-01-02", "title.ratings 2025-01-04"]]);
  });

  it("keeps a run whose decision is kept, with its tasks, and removes the tasks of one that goes", async () => {
    const [kept, gone] = [uuidv7(clock), uuidv7(clock)];
    for (const runId of [kept, gone]) {
      await database.execute(
        `insert into pipeline_runs (run_id, pipeline, status, trigger, triggered_by, reason, created_at, ended_at)
         values ($1, 'train', 'succeeded', 'alert', 'me', 'why', $2, $2)`,
        [runId, OLD],
      );
      await database.execute(
        "insert into task_runs (task_run_id, run_id, task, place, status) values ($1, $2, 'train', 0, 'succeeded')",
        [uuidv7(clock), runId],
      );
    }
    await database.execute(
      "insert into retrain_decisions values ($1, 'f', $2, 'an alert', true, 'yes', 'why', $3, 1, $2, $4)",
      [uuidv7(clock), OLD, kept, NEW],
    );
    expect(await retain({ runs: TEN_DAYS })).toMatchObject({ pipeline_runs: 1, retrain_decisions: 0 });
    expect(await column("run_id as value from task_runs")).toEqual([kept]);
  });
});

describe("a user who was erased before a backup came back", () => {
  it("is erased again, and counted apart", async () => {
    await eraseUser({ database, noteStores: [objectStore], clock }, "ada");
    await database.execute("truncate erased_users");
    await database.execute("insert into user_ratings values ('ada', 603, 8, $1, $2), ('bob', 603, 8, $1, $2)", [
      ...[OLD, uuidv7(clock)],
    ]);
    const { detail } = await applyRetention(context, FOR_EVER);
    expect(detail).toMatchObject({ removed: {}, erasedAgain: { users: 1, removed: { user_ratings: 1 } } });
    expect(await column("user_id as value from user_ratings")).toEqual(["bob"]);
  });
});

describe("what comes from TMDB", () => {
  const film = async (id: number, fetchedAt: string, listedAt = fetchedAt) => {
    await database.execute("insert into people values ($1, 'A Person'), (1, 'Everybody') on conflict do nothing", [id]);
    await database.execute("insert into companies values ($1, 'A Studio') on conflict do nothing", [id]);
    await database.execute("insert into collections values ($1, 'A Series') on conflict do nothing", [id]);
    await database.execute(
      "insert into movies (tmdb_id, title, collection_id, payload_sha256, fetched_at) values ($1, 'A Film', $1, 'hash', $2)",
      [id, fetchedAt],
    );
    await database.execute(
      "insert into credits values ($1, 'a', $1, 'Acting', 'Actor', 0), ($1, 'b', 1, 'Acting', 'Actor', 1)",
      [id],
    );
    await database.execute("insert into movie_companies values ($1, $1, 0)", [id]);
    await database.execute("insert into feature_movies values ($1, '2026-01-01', 'hash', '{1}')", [id]);
    await database.execute("insert into tmdb_ratings values ($1, '2020-01-01', 7, 100)", [id]);
    await database.execute("insert into tmdb_listings values ($1, 'entry', $2)", [id, listedAt]);
  };

  it("goes with all that hangs on it where it was not fetched since, and only then", async () => {
    await film(2, OLD);
    await film(3, ON_THE_BORDER);
    await film(4, NEW);
    // Fetched again, and TMDB said the same.
    await film(5, OLD, NEW);
    await database.execute("insert into quarantine values ('tmdb', '9', 'schema', 'd', '{}', $1, $1)", [OLD]);
    await database.execute("insert into quarantine values ('imdb', '9', 'schema', 'd', '{}', $1, $1)", [OLD]);
    expect(await retain({ tmdb: TEN_DAYS })).toMatchObject({
      ...{ movies: 1, tmdb_ratings: 1, quarantine: 1, people: 1, companies: 1, collections: 1 },
    });
    for (const table of ["movies", "feature_movies", "movie_companies", "tmdb_ratings", "tmdb_listings"]) {
      expect(await column(`tmdb_id as value from ${table} order by 1`), table).toEqual([3, 4, 5]);
    }
    expect(await column("distinct tmdb_id as value from credits order by 1")).toEqual([3, 4, 5]);
    expect(await column("person_id as value from people order by 1")).toEqual([1, 3, 4, 5]);
    expect(await column("source as value from quarantine")).toEqual(["imdb"]);
    expect((await retain({ tmdb: TEN_DAYS })) as object).toMatchObject({ movies: 0, people: 0, tmdb_ratings: 0 });
  });

  it("is asked for again before it expires", async () => {
    await film(2, SOON);
    await film(3, NEW);
    await retain({ tmdb: TEN_DAYS });
    expect(await database.query("select tmdb_id, feed, listed from tmdb_wanted")).toEqual([
      { tmdb_id: 2, feed: "fetched before 2026-02-22", listed: true },
    ]);
    expect(await column("tmdb_id as value from movies order by 1")).toEqual([2, 3]);
  });

  it("is asked for again, too, where it has expired before anybody asked", async () => {
    await film(2, OLD);
    await retain({ tmdb: TEN_DAYS });
    await retain({ tmdb: TEN_DAYS });
    expect(await column("tmdb_id as value from tmdb_wanted")).toEqual([2]);
    expect(await column("tmdb_id as value from movies")).toEqual([]);
  });

  it("stays for ever where nothing else is set", async () => {
    await film(2, "1990-01-01T00:00:00Z");
    expect(await retain({ imdb: TEN_DAYS })).not.toHaveProperty("movies");
    expect(await column("tmdb_id as value from movies")).toEqual([2]);
  });
});

describe("what comes from IMDb", () => {
  const rating = (number: number, day: string) =>
    database.execute("insert into imdb_ratings values ($1, $2, 7, 100)", [number, day]);

  it("loses the ratings' history, up to the one that held on the first day that is kept", async () => {
    await storeFile("title.ratings", "new", NEW);
    const days = ["2026-01-01", "2026-02-01", "2026-02-19", "2026-02-25"];
    for (const day of days) await rating(1, day);
    for (const day of ["2026-02-19", "2026-02-20"]) await rating(2, day);
    // In another range of numbers, and nothing newer.
    await rating(39_000_000, "2026-01-01");
    expect(await retain({ imdb: TEN_DAYS })).toMatchObject({ imdb_ratings: 3 });
    expect(await column("concat(imdb_number, ' ', observed_on) as value from imdb_ratings order by 1")).toEqual([
      ...["1 2026-02-19", "1 2026-02-25", "2 2026-02-20", "39000000 2026-01-01"],
    ]);
  });

  it("loses every row of a file that was not fetched since, and asks for files again before they expire", async () => {
    await storeFile("title.basics", "basics", OLD);
    await storeFile("title.ratings", "ratings", SOON);
    await rating(1, "2026-01-01");
    await database.execute(
      "insert into imdb_titles (imdb_number, title_type, primary_title) values (1, 'movie', 'A Film')",
    );
    await database.execute("insert into imdb_crew values (1, 'director', 7, 0)");
    await database.execute("insert into source_cursors values ('imdb', $1, now())", [
      JSON.stringify({ etags: { "title.basics": "a", "title.ratings": "b", "name.basics": "c" } }),
    ]);
    await database.execute("insert into snapshot_loads values ('title.basics', 'h', 'k', 1, 1, 0, 1, now())");
    expect(await retain({ imdb: TEN_DAYS })).toMatchObject({ imdb_titles: 1, imdb_ratings: 0, "archive objects": 1 });
    expect(await column("count(*)::integer as value from imdb_crew")).toEqual([0]);
    expect(await column("count(*)::integer as value from imdb_ratings")).toEqual([1]);
    expect(await column("file as value from snapshot_loads")).toEqual([]);
    expect(await column("cursor as value from source_cursors")).toEqual([{ etags: { "name.basics": "c" } }]);
  });
});

describe("the archive", () => {
  const fetchAt = (moment: string, body: string) =>
    createArchive(objectStore, fixedClock(moment)).storeBodies({
      ...{ source: "tmdb", name: "a-page", bodies: [{ path: "/movie/1", body }] },
    });
  const keys = async (prefix: string) => (await Array.fromAsync(objectStore.list(prefix))).map(({ key }) => key);

  it("loses fetches from before the first day that is kept, but not what a later one has brought again", async () => {
    const gone = await fetchAt(OLD, "once");
    const shared = await fetchAt(OLD, "again and again");
    await fetchAt(NEW, "again and again");
    const border = await fetchAt(ON_THE_BORDER, "on the border");
    const other = await storeFile("title.ratings", "of another source, which is kept for ever", OLD);
    await objectStore.put("models/rating/a/manifest.json", "not of the archive");
    const manifests = await keys("archive/manifests");
    await database.execute(
      "insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at) select unnest($1::text[]), 1, 1, 0, now()",
      [manifests],
    );
    expect(await retain({ tmdb: TEN_DAYS })).toMatchObject({ "archive objects": 1, "archive manifests": 2 });
    expect(await keys("archive/objects")).toEqual([shared, border, other].map(({ objectKey }) => objectKey).sort());
    expect(await objectStore.exists(gone.objectKey)).toBe(false);
    expect(await keys("archive/manifests")).toEqual(manifests.filter((key) => !key.includes("tmdb/2026-02-19")));
    expect(await column("manifest_key as value from archive_loads order by 1")).toEqual(
      await keys("archive/manifests"),
    );
    expect(await keys("models")).toHaveLength(1);
  });

  it("goes on where it was killed", async () => {
    for (const body of ["one", "two", "three"]) await fetchAt(OLD, body);
    let removals = 0;
    const failing: ObjectStore = {
      ...objectStore,
      remove: (key) => (++removals === 4 ? Promise.reject(new TypeError("killed")) : objectStore.remove(key)),
    };
    await expect(retain({ tmdb: TEN_DAYS }, { objectStore: failing })).rejects.toThrow("killed");
    expect(await keys("archive/manifests")).toHaveLength(2);
    expect(await keys("archive/objects")).toHaveLength(1);
    await retain({ tmdb: TEN_DAYS });
    expect(await keys("archive")).toEqual([]);
  });

  it("is left alone while a collection runs", async () => {
    await fetchAt(OLD, "once");
    const controller = new AbortController();
    const log = createLogger("test", "silent");
    // Told that it waits, it is stopped.
    const waiting = { ...log, info: () => controller.abort(new TypeError("still waiting")) } as unknown as typeof log;
    await withStepLock(context, "collect", async () => {
      const stopped = retain({ tmdb: TEN_DAYS, userEvents: 1 }, { signal: controller.signal, log: waiting });
      await expect(stopped).rejects.toMatchObject({ cause: { message: "still waiting" } });
      expect(await retain({ userEvents: 1 })).toEqual({ user_events: 0 });
    });
    expect(await keys("archive")).toHaveLength(2);
  });
});
