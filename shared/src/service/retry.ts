import { setTimeout as delay } from "node:timers/promises";
import { isMarqueeError } from "./errors.ts";

/** Node takes a longer wait for none. */
const MAX_TIMER_MS = 2_147_483_647;

export interface RetryOptions {
  /** How often to try in all, the first time included. */
  attempts: number;
  /** Wait before the second try, in milliseconds; doubles from try to try. */
  firstDelayMs: number;
  /** No wait is longer, in milliseconds. */
  maxDelayMs: number;
  signal?: AbortSignal;
  /** 0 ≤ x < 1; spreads the tries of many callers. Math.random unless given. */
  random?: () => number;
  onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

/**
 * Runs `work` until it succeeds, its error is not retriable, or the attempts are used up.
 * Back-off is exponential with full jitter on its upper half; an error's own `retryAfterSeconds` counts where it is longer.
 * @throws the last error
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !isMarqueeError(error) || !error.retriable) throw error;
      const wait = delayBeforeNext(attempt, options, error.retryAfterSeconds);
      options.onRetry?.(error, attempt, wait);
      await delay(wait, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}

function delayBeforeNext(attempt: number, options: RetryOptions, retryAfterSeconds = 0): number {
  const ceiling = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** (attempt - 1));
  const jittered = ceiling * (0.5 + 0.5 * (options.random ?? Math.random)());
  return Math.min(Math.max(jittered, retryAfterSeconds * 1000), MAX_TIMER_MS);
}
