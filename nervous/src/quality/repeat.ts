import { setTimeout as delay } from "node:timers/promises";
import { errorMessage } from "@marquee/shared/service/errors";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";

/** Whoever asks for it soon waits at least so long since the last time, in milliseconds: what comes together counts together. */
const MIN_PAUSE_MS = 1_000;
/** And so many times as long as it took: work that grows with what is stored takes a tenth of the time, not all of it. */
const PAUSE_PER_WORK = 9;

export interface RepeatOptions {
  /** What is done, in the log's words: "quality was not computed" follows from "quality". */
  what: string;
  work: () => Promise<void>;
  intervalMs: number;
  log: Logger;
  lifecycle: Lifecycle;
}

export interface Repeated {
  /** Does it again before the interval is over. */
  soon(): void;
  /** Why it failed last; undefined where it did not. */
  problem(): string | undefined;
}

/** @returns how long the next time waits at least, however soon it is asked for, in milliseconds */
export function leastPause(tookMs: number, intervalMs: number): number {
  return Math.min(intervalMs, Math.max(MIN_PAUSE_MS, PAUSE_PER_WORK * tookMs));
}

/** Does the work now and after each interval, one at a time, until the lifecycle ends. What it throws is logged. */
export function repeat({ what, work, intervalMs, log, lifecycle }: RepeatOptions): Repeated {
  const { signal } = lifecycle;
  let problem: string | undefined;
  let wake = new AbortController();

  async function pause(ms: number, interrupt: AbortSignal): Promise<void> {
    // Interrupted is as good as over.
    await delay(ms, undefined, { signal: interrupt }).catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      wake = new AbortController();
      const begun = performance.now();
      try {
        await work();
        problem = undefined;
      } catch (error) {
        problem = errorMessage(error);
        log.warn({ err: error }, `${what} was not computed`);
      }
      const least = leastPause(performance.now() - begun, intervalMs);
      await pause(least, signal);
      await pause(intervalMs - least, AbortSignal.any([wake.signal, signal]));
    }
  }

  const finished = run();
  lifecycle.onStop(what, () => finished);
  return { soon: () => wake.abort(), problem: () => problem };
}
