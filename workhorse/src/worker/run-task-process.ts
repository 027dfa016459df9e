import { TASKS, type TaskMessage, type TaskName, type TaskResult } from "@marquee/shared/contracts/tasks";
import { systemClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger, type Logger, type LogLevel } from "@marquee/shared/service/logger";
import type { OpenWork, OpenWorkOptions } from "../tasks/open-work-context.ts";
import type { Progress } from "../tasks/task-context.ts";
import { type FromChild, failureOf, toChildSchema } from "./task-channel.ts";

/** More often nobody looks, in milliseconds. */
const PROGRESS_INTERVAL_MS = 1_000;

export interface TaskProcessOptions<Context> {
  tasks: Record<TaskName, (input: unknown, context: Context) => Promise<TaskResult>>;
  openContext(
    options: Pick<OpenWorkOptions, "log" | "clock" | "signal" | "onProgress">,
  ): Promise<Omit<OpenWork, "context"> & { context: Context }>;
  logLevel: LogLevel;
}

/**
 * The life of a task's process: waits for its message, carries it out, tells how it went, and ends. SIGTERM aborts the
 * task. It ends at once when its worker is gone: the task belongs to another then.
 */
export async function runTaskProcess<Context>(options: TaskProcessOptions<Context>): Promise<void> {
  const abort = new AbortController();
  process.on("disconnect", () => process.exit(1));
  process.on("SIGTERM", () => abort.abort());
  // Ctrl-C reaches the whole group of processes; what becomes of tasks is the worker's to say.
  process.on("SIGINT", () => {});
  const message = await taskToCarryOut();
  const log = createLogger("worker", options.logLevel).child({ traceId: message.runId, task: message.task });
  const told = await carryOut(options, message, { log, signal: abort.signal });
  process.removeAllListeners("disconnect");
  await tell(told);
  process.exit(0);
}

function taskToCarryOut(): Promise<TaskMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<TaskMessage>();
  process.once("message", (received) => {
    const parsed = toChildSchema.safeParse(received);
    if (parsed.success) resolve(parsed.data.message);
    else reject(parsed.error);
  });
  return promise;
}

async function carryOut<Context>(
  { tasks, openContext }: TaskProcessOptions<Context>,
  { task, input }: TaskMessage,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<FromChild> {
  const started = performance.now();
  log.info("task began");
  try {
    const parsed = TASKS[task].safeParse(input);
    if (!parsed.success)
      throw new MarqueeError("REQUEST_INVALID", `The input of ${task} is wrong.`, { cause: parsed.error });
    const { context, close } = await openContext({ log, clock: systemClock, signal, onProgress: rarely(tellProgress) });
    try {
      const result = await tasks[task](parsed.data, context);
      log.info({ rowsIn: result.rowsIn, rowsOut: result.rowsOut, seconds: secondsSince(started) }, "task succeeded");
      return { type: "result", result };
    } finally {
      await close();
    }
  } catch (error) {
    log.error({ err: error, seconds: secondsSince(started) }, "task failed");
    return { type: "failure", failure: failureOf(signal.aborted ? toldToEnd(task) : error) };
  }
}

/** Where it was not the worker that said so, whoever stops a machine or its services did: the task can be tried again. */
function toldToEnd(task: TaskName): MarqueeError {
  return new MarqueeError("TASK_LOST", `The process of ${task} was told to end (SIGTERM) before it had a result.`);
}

function tellProgress(progress: Progress): void {
  void tell({ type: "progress", ...progress });
}

/** Resolves once it is with the operating system, so that ending now does not lose it. */
function tell(told: FromChild): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Where the worker is gone nobody waits for it.
  if (!process.send?.(told, undefined, undefined, () => resolve())) resolve();
  return promise;
}

function rarely<Value>(work: (value: Value) => void): (value: Value) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (performance.now() - last < PROGRESS_INTERVAL_MS) return;
    last = performance.now();
    work(value);
  };
}

function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1_000;
}
