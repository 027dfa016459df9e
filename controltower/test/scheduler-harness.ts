import { openTaskQueue, type TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { RunStatus, TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { createRegistry } from "@marquee/shared/registry/registry";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createScheduler, type Scheduler, type SchedulerOptions } from "../src/scheduler/scheduler.ts";
import { TINY_METRICS } from "./tiny-model.ts";

const RETRAIN = { maxPerDay: 3, coolDownSeconds: 3_600, minNewRatings: 5 };

/** Schedulers over a database of their own; no worker, so that runs stand where a test puts them. */
export interface SchedulerHarness {
  database: TestDatabase;
  queue: TaskQueue;
  schedule(options?: Partial<SchedulerOptions>): Scheduler;
  /** Films of the catalog with features and a mature rating. */
  addMatureFilms(count: number): Promise<void>;
  /** Makes a model champion that was trained on so many films. */
  promote(rows: number): Promise<void>;
  /** Ends a run as if its tasks had come so far. */
  endRun(runId: string, status: RunStatus, at?: Date): Promise<void>;
  statuses(runId: string): Promise<Record<string, TaskStatus>>;
  close(): Promise<void>;
}

export async function createSchedulerHarness(clock: Clock = systemClock): Promise<SchedulerHarness> {
  const log = createLogger("scheduler", "silent");
  const database = await createTestDatabase();
  const queue = await openTaskQueue({ url: database.url, database, log });
  const lifecycle = createLifecycle(log);
  let films = 0;
  return {
    database,
    queue,
    schedule: (options = {}) => {
      const scheduler = createScheduler({
        ...{ database, queue, clock, log, lifecycle, metrics: createMetrics("scheduler"), retrain: RETRAIN },
        crons: { daily: "0 4 * * *", train: "0 6 * * 1" },
        timeZone: "Asia/Seoul",
        ...options,
      });
      lifecycle.onStop("http", () => scheduler.http.close());
      return scheduler;
    },
    addMatureFilms: async (count) => {
      const ids = Array.from({ length: count }, () => ++films);
      await addFilms(database, ids);
    },
    promote: (rows) => promote(database, clock, rows),
    endRun: async (runId, status, at = clock.now()) => {
      await database.execute("update pipeline_runs set status = $2, ended_at = $3 where run_id = $1", [
        runId,
        status,
        at,
      ]);
    },
    statuses: async (runId) => {
      const rows = await database.query<{ task: string; status: TaskStatus }>(
        "select task, status from task_runs where run_id = $1 order by place",
        [runId],
      );
      return Object.fromEntries(rows.map(({ task, status }) => [task, status]));
    },
    close: async () => {
      await lifecycle.stop();
      await queue.close();
      await database.close();
    },
  };
}

async function addFilms(database: TestDatabase, ids: readonly number[]): Promise<void> {
  await database.execute(
    `insert into movies (tmdb_id, imdb_id, title, release_date, payload_sha256)
     select id, 'tt' || lpad(id::text, 7, '0'), 'Film ' || id, '2010-01-01', 'hash' from unnest($1::integer[]) id`,
    [ids],
  );
  await database.execute(
    `insert into imdb_ratings (imdb_number, observed_on, average, votes)
     select id, '2011-01-01', 7, 50 from unnest($1::integer[]) id`,
    [ids],
  );
  await database.execute(
    `insert into feature_movies (tmdb_id, views_hash, as_of, "values")
     select id, $2, '2010-01-01', '{1}' from unnest($1::integer[]) id`,
    [ids, RATING_VIEWS_HASH],
  );
}

async function promote(database: TestDatabase, clock: Clock, rows: number): Promise<void> {
  const runId = uuidv7(clock);
  await database.execute(
    `insert into training_runs (run_id, model_name, status, parameters, metrics, input_hash, dataset_hash, views_hash, backend, started_at)
     values ($1, $2, 'succeeded', '{}', $3, 'input', 'dataset', $4, 'wasm', $5)`,
    [runId, RATING_MODEL, JSON.stringify({ report: { data: { rows } } }), RATING_VIEWS_HASH, clock.now()],
  );
  const registry = createRegistry(database, clock);
  const artifact = { artifactKey: "key", artifactSha256: "hash", metrics: TINY_METRICS };
  const { version } = await registry.registerVersion({ name: RATING_MODEL, runId, ...artifact });
  await registry.moveAlias({
    name: RATING_MODEL,
    alias: "champion",
    to: version,
    by: "gate",
    reason: "Better.",
    metrics: {},
  });
}
