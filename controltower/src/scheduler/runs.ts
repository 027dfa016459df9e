import type { Database, Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import type { PipelineRun, TriggerRequest } from "@marquee/shared/contracts/pipeline-run";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { z } from "zod";
import { advanceRun, createRun, type EndedRun, type NewRun } from "./advance-run.ts";
import type { SchedulerMetrics } from "./metrics.ts";
import type { Pipeline } from "./pipelines/pipeline.ts";
import { findRun, lastSuccesses } from "./run-records.ts";
import { settleAbandoned } from "./settle-abandoned.ts";

/** Between looks at all open runs that no notice has asked for, in milliseconds. */
const POLL_MS = 10_000;

export interface RunsOptions {
  database: Database;
  queue: Pick<TaskQueue, "send" | "statesOf" | "onRun">;
  clock: Clock;
  log: Logger;
  metrics: SchedulerMetrics;
  pipelines: readonly Pipeline[];
  /** 10,000 unless given. */
  pollMs?: number;
}

/** The runs of all pipelines. Any number of schedulers may hold them at once. */
export interface Runs {
  /** @throws PIPELINE_UNKNOWN, PIPELINE_BUSY, REQUEST_INVALID naming what the pipeline does not take */
  trigger(name: string, request: TriggerRequest): Promise<PipelineRun>;
  /** In the caller's transaction. @returns undefined where the pipeline runs already or the tick has its run */
  create(tx: Transaction, run: NewRun): Promise<string | undefined>;
  /** Takes every step that is due, of all open runs. */
  advanceAll(): Promise<void>;
  /** Takes steps whenever a task has begun or ended, until stopped; then finishes the steps in hand. */
  follow(): () => Promise<void>;
}

export function createRuns(options: RunsOptions): Runs {
  const { database, queue, log, metrics, pipelines } = options;

  async function advance(runId: string): Promise<void> {
    const ended = await database.transaction((tx) => advanceRun(tx, runId, options));
    if (ended) tellEnd(ended, log, metrics);
  }

  async function advanceAll(): Promise<void> {
    const open = await database.query<{ run_id: string }>(
      "select run_id from pipeline_runs where status in ('queued', 'running') order by created_at",
    );
    await settleAbandoned(options);
    for (const { run_id } of open) {
      await advance(run_id).catch((error: unknown) => {
        // Of one run; the others go on.
        log.error({ err: error, traceId: run_id }, "could not take the next steps of a run");
      });
    }
    for (const { pipeline, endedAt } of await lastSuccesses(database)) metrics.lastSuccess(pipeline, endedAt);
  }

  async function create(tx: Transaction, run: NewRun): Promise<string | undefined> {
    const runId = await createRun(tx, run, options);
    if (runId !== undefined) {
      const { pipeline, trigger, by, reason } = run;
      log.info({ traceId: runId, pipeline: pipeline.name, trigger, by, reason }, "pipeline run created");
    }
    return runId;
  }

  return {
    create,
    trigger: async (name, request) => {
      const pipeline = pipelineNamed(pipelines, name);
      const { by, reason } = request;
      const parameters = parametersOf(pipeline, request.parameters);
      const runId = await database.transaction((tx) =>
        create(tx, { pipeline, trigger: "manual", by, reason, parameters }),
      );
      if (runId === undefined) {
        throw new MarqueeError(
          "PIPELINE_BUSY",
          `Pipeline ${name} is running already. GET /api/runs?pipeline=${name} shows it.`,
        );
      }
      return findRun(database, runId);
    },
    advanceAll,
    follow: () => follow({ queue, log, advance, advanceAll, pollMs: options.pollMs ?? POLL_MS }),
  };
}

interface Following {
  queue: Pick<TaskQueue, "onRun">;
  log: Logger;
  advance(runId: string): Promise<void>;
  advanceAll(): Promise<void>;
  pollMs: number;
}

function follow({ queue, log, advance, advanceAll, pollMs }: Following): () => Promise<void> {
  const steps = new Set<Promise<void>>();
  let stopped = false;
  const take = (step: () => Promise<void>) => {
    if (stopped) return;
    const taken = step().catch((error: unknown) => {
      log.warn({ err: error }, "could not take the next steps of a run; the next look will");
    });
    steps.add(taken);
    void taken.finally(() => steps.delete(taken));
  };
  queue.onRun((runId) => take(() => (runId === undefined ? advanceAll() : advance(runId))));
  const timer = setInterval(() => take(advanceAll), pollMs);
  take(advanceAll);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await Promise.all(steps);
  };
}

function tellEnd(run: EndedRun, log: Logger, metrics: SchedulerMetrics): void {
  const { runId, pipeline, status, seconds, failures } = run;
  metrics.runEnded(run);
  if (status === "succeeded") {
    metrics.lastSuccess(pipeline, run.endedAt);
    log.info({ traceId: runId, pipeline, seconds }, "pipeline run succeeded");
  } else {
    log.error({ traceId: runId, pipeline, seconds, failures }, "pipeline run failed");
  }
}

/** @throws PIPELINE_UNKNOWN */
function pipelineNamed(pipelines: readonly Pipeline[], name: string): Pipeline {
  const found = pipelines.find((pipeline) => pipeline.name === name);
  if (found) return found;
  const names = pipelines.map((pipeline) => pipeline.name).join(", ");
  throw new MarqueeError("PIPELINE_UNKNOWN", `There is no pipeline ${name}; there are ${names}.`);
}

function parametersOf(pipeline: Pipeline, given: Record<string, unknown>): Record<string, unknown> {
  const parsed = pipeline.parameters.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new MarqueeError(
    "REQUEST_INVALID",
    `The parameters are not what pipeline ${pipeline.name} takes: ${z.prettifyError(parsed.error)}`,
  );
}
