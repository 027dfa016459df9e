import type { Database, Transaction } from "@marquee/shared/backing/postgres/database";
import type { TakenTask, TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import type { TaskMessage, TaskResult } from "@marquee/shared/contracts/tasks";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { retry } from "@marquee/shared/service/retry";
import type { ExecuteTask } from "./execute-task.ts";
import type { TaskOutcome } from "./metrics.ts";
import { asMarqueeError } from "./task-channel.ts";
import { recordEnd } from "./task-records.ts";

/** Signs of life in the time that a lease lasts: some may be lost. */
const SIGNS_PER_LEASE = 4;
/** While the database is away an end waits to be written: about two minutes. */
const SETTLING = { attempts: 30, firstDelayMs: 200, maxDelayMs: 5_000 };

/** Why a task is ended from outside. */
type StopReason = "time limit" | "lost" | "drain";

export interface CarryOutOptions {
  database: Database;
  queue: TaskQueue;
  clock: Clock;
  log: Logger;
  execute: ExecuteTask;
  /** Aborted when the worker has no more time: the task goes back into the queue. */
  drained: AbortSignal;
}

/** Carries out a task that was taken, to its end in the queue and in the run's records. */
export async function carryOut(task: TakenTask, message: TaskMessage, options: CarryOutOptions): Promise<TaskOutcome> {
  const log = options.log.child({ traceId: message.runId, task: message.task, attempt: task.attempt });
  const stop = new AbortController();
  let reason: StopReason | undefined;
  const stopFor = (why: StopReason) => {
    reason ??= why;
    stop.abort();
  };
  const onDrained = () => stopFor("drain");
  // The time may have run out while the task was being taken.
  if (options.drained.aborted) onDrained();
  options.drained.addEventListener("abort", onDrained, { once: true });
  const limit = setTimeout(() => stopFor("time limit"), message.timeLimitSeconds * 1_000);
  const endLease = keepLease(task, options.queue, log, () => stopFor("lost"));
  try {
    const ended = await outcomeOf(
      options.execute(message, {
        signal: stop.signal,
        onProgress: (progress) => log.debug({ progress }, "task progress"),
      }),
    );
    clearTimeout(limit);
    const outcome = await settle({ ...options, task, message, ended, reason: () => reason, log });
    if (outcome === "lost") log.warn("the task is in other hands by now; this result does not count");
    return outcome;
  } finally {
    clearTimeout(limit);
    endLease();
    options.drained.removeEventListener("abort", onDrained);
  }
}

type Ended = { result: TaskResult } | { error: MarqueeError };

async function outcomeOf(work: Promise<TaskResult>): Promise<Ended> {
  try {
    return { result: await work };
  } catch (error) {
    return { error: asMarqueeError(error) };
  }
}

interface SettleOptions extends CarryOutOptions {
  task: TakenTask;
  message: TaskMessage;
  ended: Ended;
  reason: () => StopReason | undefined;
}

/** @throws where the database stays away; the lease runs out then, and another tries the task again */
function settle(options: SettleOptions): Promise<TaskOutcome> {
  const { database, log } = options;
  return retry(() => database.transaction((tx) => settleIn(tx, options)), {
    ...SETTLING,
    onRetry: (error, attempt) => log.warn({ err: error, attempt }, "could not write a task's end yet"),
  });
}

async function settleIn(tx: Transaction, options: SettleOptions): Promise<TaskOutcome> {
  const { task, message, ended, queue } = options;
  const now = options.clock.now();
  if ("result" in ended) {
    if (!(await queue.complete(tx, task))) return "lost";
    await recordEnd(tx, task.taskRunId, { status: "succeeded", result: ended.result, now });
    return "succeeded";
  }
  const reason = options.reason();
  if (reason === "lost") return "lost";
  if (reason === "drain") {
    if (!(await queue.giveBack(tx, task, message))) return "lost";
    await recordEnd(tx, task.taskRunId, { status: "queued", now });
    return "given_back";
  }
  const error = reason === "time limit" ? timedOut(message) : ended.error;
  const { retriable, retryAfterSeconds } = error;
  const outcome = await queue.fail(tx, task, { retriable, notBeforeSeconds: retryAfterSeconds });
  if (outcome === "lost") return "lost";
  await recordEnd(tx, task.taskRunId, { status: outcome === "again" ? "queued" : "failed", error, now });
  return outcome === "again" ? "retried" : "failed";
}

function timedOut({ task, timeLimitSeconds }: TaskMessage): MarqueeError {
  return new MarqueeError("TASK_TIMED_OUT", `${task} took longer than its ${timeLimitSeconds} seconds and was killed.`);
}

/** Gives signs of life until ended. @returns ends it */
function keepLease(task: TakenTask, queue: TaskQueue, log: Logger, onLost: () => void): () => void {
  const giveSign = async () => {
    try {
      if (!(await queue.extend(task))) onLost();
    } catch (error) {
      // The database is away: for the other workers, too.
      log.debug({ err: error }, "could not give a sign of life");
    }
  };
  const timer = setInterval(() => void giveSign(), (queue.leaseSeconds * 1_000) / SIGNS_PER_LEASE);
  return () => clearInterval(timer);
}
