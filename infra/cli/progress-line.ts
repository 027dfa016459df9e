import { scrub } from "@marquee/shared/service/logger";
import type { Progress } from "@marquee/workhorse/tasks/task-context";
import { count, timeLeft } from "../local/reporter.ts";

/** On a terminal the line is written over so often, in milliseconds. */
const TERMINAL_INTERVAL_MS = 100;
/** Elsewhere a line is written at most so often, in milliseconds: a log of a night's load stays readable. */
const PLAIN_INTERVAL_MS = 10_000;
/** The rate is that of the last so many milliseconds: sources slow down and speed up. */
const RATE_WINDOW_MS = 30_000;
/** … and is taken between moments that lie at least so far apart, in milliseconds: work may report each row. */
const SAMPLE_INTERVAL_MS = 500;
/** Takes away what the terminal's line shows. */
const CLEAR = "\r\u001b[K";

/** Where progress is told: standard error, or a test's list. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

export interface ProgressLine {
  report(progress: Progress): void;
  /** Writes a line that stays; that of progress comes again below it. */
  notice(text: string): void;
  /** Takes the line away where it can be. */
  end(): void;
}

/** How far the work was at a moment; `at` in milliseconds. */
export interface Sample {
  at: number;
  done: number;
}

/** @param now in milliseconds, from any zero */
export function createProgressLine(output: ProgressOutput, now: () => number): ProgressLine {
  const terminal = output.isTTY === true;
  const interval = terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let told = terminal ? Number.NEGATIVE_INFINITY : now();
  let shown = false;
  let unit = "";
  let samples: Sample[] = [];
  return {
    report: (progress) => {
      const sample = { at: now(), done: progress.done };
      const last = samples.at(-1);
      // Another unit, or a count that begins again: the work has come to another part.
      if (progress.unit !== unit || (last && sample.done < last.done)) samples = [];
      unit = progress.unit;
      const rate = ratePerSecond([...samples.slice(0, 1), sample]);
      if (!last || samples.length === 0 || sample.at - last.at >= SAMPLE_INTERVAL_MS)
        samples = recentSamples([...samples, sample], sample.at);
      if (sample.at - told < interval) return;
      told = sample.at;
      shown = true;
      const line = describeProgress(progress, rate);
      output.write(terminal ? `${CLEAR}${line}` : `${line}\n`);
    },
    notice: (text) => {
      output.write(`${terminal && shown ? CLEAR : ""}${scrub(text)}\n`);
      shown = false;
    },
    end: () => {
      if (terminal && shown) output.write(CLEAR);
      shown = false;
    },
  };
}

/** Those of the rate's window; of the older ones the latest stays, so that a slow part has a rate too. */
export function recentSamples(samples: readonly Sample[], now: number): Sample[] {
  const first = samples.findLastIndex(({ at }) => at <= now - RATE_WINDOW_MS);
  return samples.slice(Math.max(0, first));
}

/** @returns 0 while there is nothing to measure */
export function ratePerSecond(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return 0;
  return ((last.done - first.done) * 1_000) / (last.at - first.at);
}

/** `1,240 of 3,200 films, 38 %, 410/s, 5 s left, page 12` */
export function describeProgress({ done, total, unit, note }: Progress, rate: number): string {
  const parts = [`${count(done)}${total === undefined ? "" : ` of ${count(total)}`} ${unit}`];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((100 * done) / total)} %`);
  if (rate > 0) parts.push(`${count(rate)}/s`);
  if (total !== undefined && rate > 0 && total > done) parts.push(`${timeLeft((total - done) / rate)} left`);
  if (note !== undefined) parts.push(note);
  return parts.join(", ");
}
