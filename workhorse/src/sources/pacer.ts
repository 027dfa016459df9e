import { setTimeout as delay } from "node:timers/promises";
import { afterRateLimit, fullRate, rateAt } from "./source-rate.ts";

/** Spreads requests evenly, as many a second as the source bears. */
export interface Pacer {
  /** Resolves, in the order of asking, when the caller may begin. @returns when that was, for `limited` */
  turn(signal?: AbortSignal): Promise<number>;
  /**
   * The source answered 429: everybody waits for so long, and goes on more slowly.
   * @returns false where an answer to a request of the same time has slowed them down already
   */
  limited(answer: { begunAt: number; retryAfterMs: number }): boolean;
}

/** What is halved where no limit is set and the source asks to slow down all the same. */
const UNLIMITED_PER_SECOND = 2_000;
/** Node takes a longer wait for none. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * @param perSecond the most; 0 means without a limit of our own
 * @param now milliseconds of a clock that never goes back
 */
export function createPacer(perSecond: number, now: () => number = () => performance.now()): Pacer {
  let rate = fullRate(perSecond > 0 ? perSecond : UNLIMITED_PER_SECOND);
  let next = Number.NEGATIVE_INFINITY;
  let queue: Promise<unknown> = Promise.resolve();

  async function begin(signal: AbortSignal | undefined): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      const time = now();
      const from = Math.max(next, rate.pausedUntil);
      if (time >= from) {
        // From when it did begin, not from when it could have: late timers are not made up for by more in a second.
        next = time + gapMs(time);
        return time;
      }
      // A pause may begin or grow meanwhile, so the time is looked at again.
      await delay(Math.min(Math.max(1, from - time), MAX_TIMER_MS), undefined, signal ? { signal } : {});
    }
  }
  function gapMs(time: number): number {
    const current = rateAt(rate, time);
    return perSecond === 0 && current === rate.ceiling ? 0 : 1000 / current;
  }
  return {
    turn: (signal) => {
      const turn = queue.then(() => begin(signal));
      queue = turn.catch(() => undefined);
      return turn;
    },
    limited: ({ begunAt, retryAfterMs }) => {
      const { cutAt } = rate;
      rate = afterRateLimit(rate, { begunAt, retryAfterMs, now: now() });
      return rate.cutAt !== cutAt;
    },
  };
}
