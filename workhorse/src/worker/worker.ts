import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TakenTask, TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { type TaskMessage, taskMessageSchema } from "@marquee/shared/contracts/tasks";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import type { Metrics } from "@marquee/shared/service/metrics";
import { carryOut } from "./carry-out.ts";
import { createDataPlatformMetrics } from "./data-platform-metrics.ts";
import type { ExecuteTask } from "./execute-task.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { recordBegin, recordEnd } from "./task-records.ts";

export interface WorkerOptions {
  database: Database;
  queue: TaskQueue;
  execute: ExecuteTask;
  /** As it stands in task runs. */
  name: string;
  /** Tasks at a time. */
  concurrency: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

export interface Worker {
  /** From now on takes tasks. */
  start(): void;
  /**
   * Takes no more tasks, and resolves when those in hand have ended; those that have not after the given time are
   * killed and go back into the queue.
   */
  drain(milliseconds: number): Promise<void>;
}

/** Takes tasks from the queue and has them carried out, some at a time. */
export function createWorker(options: WorkerOptions): Worker {
  const { queue, log, concurrency } = options;
  const metrics = createWorkerMetrics(options.metrics);
  createDataPlatformMetrics(options.metrics, options);
  const taking = new AbortController();
  const drained = new AbortController();
  const lanes: Promise<void>[] = [];

  async function workOne(): Promise<void> {
    const taken = await queue.take((tx, task) => claim(tx, task, options), taking.signal);
    if (taken === undefined || taken === "refused") return;
    const { task, message } = taken;
    metrics.began();
    const started = performance.now();
    const secondsNow = () => (performance.now() - started) / 1_000;
    try {
      const outcome = await carryOut(task, message, { ...options, drained: drained.signal });
      metrics.ended(message.task, outcome, secondsNow());
    } catch (error) {
      metrics.ended(message.task, "lost", secondsNow());
      log.error({ err: error, traceId: message.runId, task: message.task }, "could not write a task's end");
    }
  }

  async function lane(): Promise<void> {
    while (!taking.signal.aborted) await workOne();
  }

  return {
    start: () => {
      for (let i = 0; i < concurrency; i++) lanes.push(lane());
    },
    drain: async (milliseconds) => {
      taking.abort();
      const timer = setTimeout(() => drained.abort(), milliseconds);
      await Promise.all(lanes);
      clearTimeout(timer);
    },
  };
}

type Claim = { task: TakenTask; message: TaskMessage } | "refused";

/** Writes the begin of a task that is being taken; refuses one that cannot be carried out, for good. */
async function claim(
  tx: Parameters<typeof recordBegin>[0],
  task: TakenTask,
  { queue, name, clock, log }: WorkerOptions,
): Promise<Claim> {
  const now = clock.now();
  const runId = await recordBegin(tx, task.taskRunId, { worker: name, now });
  const parsed = taskMessageSchema.safeParse(task.data);
  if (runId !== undefined && parsed.success) return { task, message: parsed.data };
  const error = new MarqueeError("TASK_UNKNOWN", "The task's message is not one that this release understands.", {
    cause: parsed.error,
  });
  await queue.fail(tx, task, { retriable: false });
  await recordEnd(tx, task.taskRunId, { status: "failed", error, now });
  log.error({ err: error, taskRunId: task.taskRunId, traceId: runId }, "refused a task");
  return "refused";
}
