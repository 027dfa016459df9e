import { databaseCheck } from "@marquee/shared/backing/open-process-backing";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import type { Clock } from "@marquee/shared/service/clock";
import { type Check, createHttpApp } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import type { Metrics } from "@marquee/shared/service/metrics";
import type { FastifyInstance } from "fastify";
import { createGovernor, type Governor } from "./governor.ts";
import { createSchedulerMetrics } from "./metrics.ts";
import { PIPELINES } from "./pipelines/all.ts";
import type { Pipeline } from "./pipelines/pipeline.ts";
import { train } from "./pipelines/train.ts";
import type { RetrainSettings } from "./retrain-policy.ts";
import { addApiRoutes, addWebhookRoutes } from "./routes.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createSchedule, type Schedule } from "./schedule.ts";

export interface SchedulingOptions {
  database: Database;
  queue: Pick<TaskQueue, "send" | "statesOf" | "onRun" | "problem">;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Cron expressions by pipeline. */
  crons: Readonly<Record<string, string>>;
  timeZone: string;
  retrain: RetrainSettings;
  /** The product's unless given; `train` is what the governor starts. */
  pipelines?: readonly Pipeline[];
  /** Milliseconds between looks at open runs that no notice has asked for. */
  pollMs?: number;
}

export interface Scheduling {
  runs: Runs;
  schedule: Schedule;
  governor: Governor;
  /** For `/ready`. */
  checks: readonly Check[];
  /** From now on ticks start pipelines, and runs go on; ends with the lifecycle. */
  start(): Promise<void>;
}

/** Pipelines, their runs and the governor, over a queue that workers take from. The routes to them are in `routes.ts`. */
export function createScheduling(options: SchedulingOptions): Scheduling {
  const { database, queue, lifecycle, pipelines = PIPELINES } = options;
  const metrics = createSchedulerMetrics(options.metrics);
  const runs = createRuns({ ...options, pipelines, metrics });
  const schedule = createSchedule({ ...options, pipelines, runs });
  const pipeline = pipelines.find(({ name }) => name === train.name) ?? train;
  const governor = createGovernor({ ...options, runs, metrics, pipeline, settings: options.retrain });
  return {
    runs,
    schedule,
    governor,
    checks: backingChecks(database, queue),
    start: async () => {
      lifecycle.onStop("runs", runs.follow());
      lifecycle.onStop("schedule", () => schedule.stop());
      await schedule.start();
    },
  };
}

export interface SchedulerOptions extends SchedulingOptions {
  apiToken?: string | undefined;
  webhookToken?: string | undefined;
  extraChecks?: readonly Check[];
}

export interface Scheduler extends Scheduling {
  /** Answers once the caller listens, who also closes it. */
  http: FastifyInstance;
}

/** Scheduling with an HTTP app of its own. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { log, metrics, database, apiToken, webhookToken, extraChecks = [] } = options;
  const scheduling = createScheduling(options);
  const http = createHttpApp({ log, metrics, checks: [...scheduling.checks, ...extraChecks] });
  addApiRoutes(http, { ...scheduling, database, apiToken, webhookToken });
  addWebhookRoutes(http, { ...scheduling, database, apiToken, webhookToken });
  return { ...scheduling, http };
}

function backingChecks(database: Database, queue: Pick<TaskQueue, "problem">): Check[] {
  return [databaseCheck(database), { name: "task notices", severity: "degraded", problem: () => queue.problem() }];
}
