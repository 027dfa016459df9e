import { hostname } from "node:os";
import type { Scheduling } from "@marquee/controltower/scheduler/scheduler";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import type { Check } from "@marquee/shared/service/http";
import { openBackups } from "@marquee/workhorse/backup/open-backups";
import { retentionOf } from "@marquee/workhorse/data-rights/retention-settings";
import type { WorkOptions } from "@marquee/workhorse/tasks/work-context";
import { createWorker } from "@marquee/workhorse/worker/worker";
import { claimObjectStore } from "./claim-object-store.ts";
import { createExecutorHere } from "./execute-here.ts";
import type { LaterQueue } from "./later-queue.ts";
import type { LocalApp } from "./local-app.ts";
import type { Backing } from "./open-backing.ts";
import type { Sources } from "./sources.ts";

/** Seconds: a task in this process may keep it from giving a sign of life for as long as one of its statements takes. */
const LEASE_SECONDS = 600;
/** Two tasks at once would share this process's one thread, and its memory. */
const CONCURRENCY = 1;

export interface PipelinesOptions {
  backing: Backing;
  sources: Sources;
  scheduling: Scheduling;
  laterQueue: LaterQueue;
}

/** From here on the clock and the API start pipelines, whose tasks this process carries out. */
export async function startPipelines(app: LocalApp, options: PipelinesOptions): Promise<readonly Check[]> {
  const { log, clock, lifecycle, metrics } = app;
  const { backing, sources, scheduling } = options;
  const { database, databaseUrl: url, objectStore, onlineStore, tracking } = backing;
  const queue = await openTaskQueue({ url, database, log, leaseSeconds: LEASE_SECONDS });
  lifecycle.onStop("task queue", () => queue.close());
  options.laterQueue.open(queue);
  await scheduling.start();
  const backups = await openBackups(app.options, objectStore);
  await claimObjectStore(backups.store, app.profile, "BACKUP_STORE_URL");
  const work = { database, objectStore, backups, onlineStore, tracking, clock, options: workOptions(app) };
  const worker = createWorker({
    ...{ database, queue, clock, log, metrics: metrics.worker },
    execute: createExecutorHere({ work, sources, log }),
    name: `${hostname()}-${process.pid}`,
    concurrency: CONCURRENCY,
  });
  // At once: who presses Ctrl-C waits for nothing, and the next start takes the task up again.
  lifecycle.onStop("tasks", () => worker.drain(0));
  worker.start();
  return scheduling.checks;
}

function workOptions({ options }: LocalApp): WorkOptions {
  return {
    maturityDays: options.MATURITY_DAYS,
    actor: options.MARQUEE_ACTOR,
    backend: options.TRAINING_BACKEND,
    seed: options.TRAINING_SEED,
    testFrom: options.TRAINING_TEST_FROM,
    retention: retentionOf(options),
  };
}
