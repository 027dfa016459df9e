import { type ChildProcess, fork } from "node:child_process";
import type { Readable } from "node:stream";
import { logLineSchema } from "@marquee/shared/contracts/log-line";
import type { TaskMessage, TaskName, TaskResult } from "@marquee/shared/contracts/tasks";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import type { ExecuteTask, Execution } from "./execute-task.ts";
import { errorOf, type FromChild, fromChildSchema, type ToChild } from "./task-channel.ts";

/** From SIGTERM to SIGKILL, in milliseconds. */
const KILL_AFTER_MS = 5_000;
/** Of what a child wrote to its standard error, its last words: they stand in the error. */
const LAST_WORDS_LINES = 10;
const LAST_WORDS_CHARACTERS = 500;
/** A longer line is read in pieces: what has no end must not fill the worker's memory. */
const MAX_LINE_CHARACTERS = 100_000;
/** V8's words at its end. */
const HEAP_FULL = "heap out of memory";

export interface ChildExecutorOptions {
  /** The child's program: calls `runTaskProcess`. */
  entry: string | URL;
  /** Of JavaScript's heap; what typed arrays and native code hold comes on top. */
  memoryMb: number;
  /** Takes the child's log lines as they are: each has its own id. */
  passLine(line: string): void;
  log: Logger;
  killAfterMs?: number;
}

/** Each task in a process of its own, which is gone when the task has ended. */
export function createChildExecutor(options: ChildExecutorOptions): ExecuteTask {
  return async (message, execution) => {
    const child = fork(options.entry, [], {
      execArgv: [`--max-old-space-size=${options.memoryMb}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return watchChild(child, message, execution, options);
  };
}

async function watchChild(
  child: ChildProcess,
  message: TaskMessage,
  { signal, onProgress }: Execution,
  options: ChildExecutorOptions,
): Promise<TaskResult> {
  const log = options.log.child({ traceId: message.runId, task: message.task });
  const killAfterMs = options.killAfterMs ?? KILL_AFTER_MS;
  const ended = endOf(child, killAfterMs);
  const { lastWords, read } = readOutput(child, options.passLine, log);
  let killTimer: NodeJS.Timeout | undefined;
  const endSoon = () => {
    killTimer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  };
  const told = hearChild(child, onProgress, log, endSoon);
  const onAbort = () => {
    child.kill("SIGTERM");
    endSoon();
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const start: ToChild = { type: "start", message };
  // A child that is gone already tells so by its end.
  child.send(start, () => {});
  const end = await ended;
  clearTimeout(killTimer);
  signal.removeEventListener("abort", onAbort);
  await read;
  const last = told();
  if (last?.type === "result") return last.result;
  if (last?.type === "failure") throw errorOf(last.failure);
  throw lost(message.task, end, lastWords, options.memoryMb);
}

/**
 * How a child ended, in words; known once all that it wrote is here. What it has started itself and left behind may hold
 * its output open for as long as it likes, and is waited for no longer than `leftBehindMs`.
 */
function endOf(child: ChildProcess, leftBehindMs: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let timer: NodeJS.Timeout | undefined;
  child.on("error", (error) => resolve(`could not be started: ${errorMessage(error)};`));
  child.on("exit", () => {
    timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, leftBehindMs);
  });
  child.on("close", (code, killedBy) => {
    clearTimeout(timer);
    resolve(killedBy ? `ended by ${killedBy}` : `ended with code ${code}`);
  });
  return promise;
}

/** @returns gives the last thing that the child told, beside its progress */
function hearChild(
  child: ChildProcess,
  onProgress: Execution["onProgress"],
  log: Logger,
  onLast: () => void,
): () => Exclude<FromChild, { type: "progress" }> | undefined {
  let last: Exclude<FromChild, { type: "progress" }> | undefined;
  child.on("message", (received) => {
    const parsed = fromChildSchema.safeParse(received);
    if (!parsed.success) {
      log.warn({ err: parsed.error }, "a task's process told something unreadable");
    } else if (parsed.data.type === "progress") {
      const { done, total, unit, note } = parsed.data;
      onProgress({ done, unit, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) });
    } else {
      last = parsed.data;
      onLast();
    }
  });
  return () => last;
}

/** Passes the child's log lines on, and tells of what else it writes. */
function readOutput(
  child: ChildProcess,
  passLine: (line: string) => void,
  log: Logger,
): { lastWords: string[]; read: Promise<unknown> } {
  const lastWords: string[] = [];
  const lines = readLines(child.stdout, (line) => passOrWrap(line, passLine, () => log.info({ line }, "output")));
  const errors = readLines(child.stderr, (line) => {
    log.warn({ line }, "error output");
    // V8 ends with a list of addresses, which say nothing.
    if (!lastWords.some((words) => words.includes(HEAP_FULL))) lastWords.push(line.slice(0, LAST_WORDS_CHARACTERS));
    if (lastWords.length > LAST_WORDS_LINES) lastWords.shift();
  });
  return { lastWords, read: Promise.all([lines, errors]) };
}

function lost(task: TaskName, end: string, lastWords: readonly string[], memoryMb: number): MarqueeError {
  const about = `The process of ${task}`;
  if (lastWords.some((words) => words.includes(HEAP_FULL))) {
    return new MarqueeError("TASK_LOST", `${about} needed more than its ${memoryMb} MB of heap (TASK_MEMORY_MB).`);
  }
  const words = lastWords.length > 0 ? ` Its last words: ${lastWords.join(" / ")}` : "";
  return new MarqueeError("TASK_LOST", `${about} ${end} without a result.${words}`);
}

function passOrWrap(line: string, pass: (line: string) => void, wrap: () => void): void {
  try {
    logLineSchema.parse(JSON.parse(line));
  } catch {
    wrap();
    return;
  }
  pass(line);
}

/** Resolves once the stream has ended or was cut off. */
function readLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream === null) return Promise.resolve();
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_CHARACTERS) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) onLine(line);
  });
  stream.on("close", () => {
    if (rest !== "") onLine(rest);
    resolve();
  });
  return promise;
}
