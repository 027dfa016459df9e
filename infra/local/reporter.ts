import type { Progress } from "@marquee/workhorse/tasks/task-context";

/** A step's line is told again so often while it lasts where the output is no terminal, in milliseconds. */
const PLAIN_INTERVAL_MS = 5_000;
/** … and so often where the line can be written over. */
const TERMINAL_INTERVAL_MS = 100;
const STEP_WIDTH = 11;
const OUTCOME_WIDTH = 78;

/** Where lines go: standard output, or a test's list. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

export interface Reporter {
  /** Tells a step's progress until `work` ends, then one line with its outcome. */
  step<T>(
    name: string,
    work: (progress: (progress: Progress) => void) => Promise<T>,
    outcome: (result: T) => string,
  ): Promise<T>;
  /** In the middle of a step it takes the place of what is told of that, which comes again below. */
  line(text?: string): void;
}

export function createReporter(output: Output, now: () => number = () => performance.now()): Reporter {
  const terminal = output.isTTY === true;
  const interval = terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  const clear = terminal ? "\r\u001b[K" : "";
  return {
    line: (text = "") => {
      output.write(`${clear}${text}\n`);
    },
    step: async (name, work, outcome) => {
      const label = `  ${name.padEnd(STEP_WIDTH)}`;
      const start = now();
      let told = terminal ? Number.NEGATIVE_INFINITY : start;
      if (terminal) output.write(`${label}…`);
      const onProgress = (progress: Progress) => {
        if (now() - told < interval) return;
        told = now();
        output.write(`${clear}${label}${describeProgress(progress, (told - start) / 1000)}${terminal ? "" : "\n"}`);
      };
      try {
        const result = await work(onProgress);
        output.write(`${clear}${label}${outcome(result).padEnd(OUTCOME_WIDTH)} ${seconds(now() - start)}\n`);
        return result;
      } catch (error) {
        output.write(`${clear}${label}${"not finished".padEnd(OUTCOME_WIDTH)} ${seconds(now() - start)}\n`);
        throw error;
      }
    },
  };
}

/** `1,240 of 3,200 films, 410/s, 5 s left` */
export function describeProgress({ done, total, unit, note }: Progress, elapsedSeconds: number): string {
  const rate = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
  const parts = [`${count(done)}${total === undefined ? "" : ` of ${count(total)}`} ${unit}`];
  if (note !== undefined) parts.push(note);
  else if (rate > 0) parts.push(`${count(rate)}/s`);
  if (total !== undefined && rate > 0 && total > done) parts.push(`${timeLeft((total - done) / rate)} left`);
  return parts.join(", ");
}

export function count(value: number): string {
  return value >= 10 || Number.isInteger(value) ? Math.round(value).toLocaleString("en-US") : value.toFixed(1);
}

/** `45 s`, `12 min`, `3.5 h` */
export function timeLeft(secondsLeft: number): string {
  if (secondsLeft < 90) return `${Math.ceil(secondsLeft)} s`;
  return secondsLeft < 5_400 ? `${Math.round(secondsLeft / 60)} min` : `${(secondsLeft / 3_600).toFixed(1)} h`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}
