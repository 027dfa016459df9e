import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { explain, isMarqueeError, type MarqueeError } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";
import { Command } from "commander";
import { count } from "../local/reporter.ts";
import { type Job, type JobFlags, type OpenJobOptions, openJob } from "./open-job.ts";
import type { Output } from "./program.ts";
import { createProgressLine, type ProgressLine } from "./progress-line.ts";
import { listenForStop } from "./stop-signal.ts";

/** The flags that every command of the data platform has. */
export interface CommonFlags extends JobFlags {
  json?: boolean;
}

/** What a command did. */
export interface JobOutcome extends TaskResult {
  /** For people: lines without a break at the end; may be empty where `changed` says all. */
  text: string;
  /** Of a command that changes something: what, in words for its closing line. */
  changed?: string;
  /** Of a command that checks something: thrown once the outcome is told, so that the exit code says it too. */
  failed?: MarqueeError;
}

/** Ended by Ctrl-C or a termination, with nothing lost. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;

  constructor(exitCode: number, message = "Stopped, and nothing is lost. Run the same command again.") {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command that works on what `npm start` would: with the flags that say which, and an example in its help. */
export function jobCommand(name: string, description: string, example: string): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print one JSON object: {command, ok, rowsIn, rowsOut, seconds, detail}, or {ok: false, code, …}")
    .option("--home <dir>", "folder of the database and the archive (MARQUEE_HOME, default .marquee)")
    .option("--data <dir>", "films to use instead of the sample, as npm start -- --data")
    .addHelpText("after", `\nExample:\n  npm run marquee -- ${example}`);
}

/** Runs a command's work on what `npm start` would work on. See `runOn`. */
export function runJob(
  output: Output,
  called: { command: string; flags: CommonFlags },
  work: (job: Job) => Promise<JobOutcome>,
): Promise<void> {
  return runOn(openJob, output, called, work);
}

/**
 * Runs a command's work on an opened job: progress and words about it go to standard error, the answer to `output`. On
 * Ctrl-C or a termination the work ends at its next safe point.
 * @param command its whole name, such as `catalog load`
 * @throws Stopped, and what opening and the work throw
 */
export async function runOn<Opened extends Pick<Job, "close">>(
  open: (options: OpenJobOptions) => Promise<Opened>,
  output: Output,
  { command, flags }: { command: string; flags: CommonFlags },
  work: (job: Opened) => Promise<JobOutcome>,
): Promise<void> {
  const failed = await runAndTell(open, output, { command, flags }, work);
  if (failed) throw failed;
}

/** @returns what the outcome, which is told, says of itself as failed */
async function runAndTell<Opened extends Pick<Job, "close">>(
  open: (options: OpenJobOptions) => Promise<Opened>,
  output: Output,
  { command, flags }: { command: string; flags: CommonFlags },
  work: (job: Opened) => Promise<JobOutcome>,
): Promise<MarqueeError | undefined> {
  const started = performance.now();
  const stop = listenForStop();
  const progress = createProgressLine(process.stderr, () => performance.now());
  try {
    const opening = open({ flags, signal: stop.signal, onProgress: progress.report, onNotice: progress.notice });
    const outcome = await onJob(opening, progress, work);
    const seconds = Math.round(performance.now() - started) / 1_000;
    output.write(`${(flags.json ? asJson : asText)(command, outcome, seconds)}\n`);
    return outcome.failed;
  } catch (thrown) {
    const error = stop.exitCode === undefined ? explain(thrown) : new Stopped(stop.exitCode);
    if (flags.json) output.write(`${JSON.stringify({ command, ...failure(error) })}\n`);
    throw error;
  } finally {
    stop.release();
  }
}

function asJson(command: string, { rowsIn, rowsOut, detail, failed }: JobOutcome, seconds: number): string {
  const ended = failed === undefined ? { ok: true } : failure(failed);
  return JSON.stringify({ command, ...ended, rowsIn, rowsOut, seconds, detail });
}

function asText(command: string, { rowsIn, rowsOut, text, changed }: JobOutcome, seconds: number): string {
  const closing =
    changed === undefined
      ? ""
      : `${command}: ${count(rowsIn)} in, ${count(rowsOut)} out, ${seconds.toFixed(1)} s; ${changed}`;
  return [text, closing].filter((line) => line !== "").join("\n");
}

async function onJob<Opened extends Pick<Job, "close">>(
  opening: Promise<Opened>,
  progress: ProgressLine,
  work: (job: Opened) => Promise<JobOutcome>,
): Promise<JobOutcome> {
  const job = await opening;
  try {
    return await work(job);
  } finally {
    progress.end();
    await job.close();
  }
}

/** What went wrong, as `--json` tells it. */
export function failure(error: unknown): { ok: false; code: string; message: string; retriable: boolean } {
  if (isMarqueeError(error)) {
    return { ok: false, code: error.code, message: scrub(error.message), retriable: error.retriable };
  }
  if (error instanceof Stopped) return { ok: false, code: "STOPPED", message: error.message, retriable: true };
  return { ok: false, code: "INTERNAL", message: scrub(String(error)), retriable: false };
}
