import { setTimeout as delay } from "node:timers/promises";

/** Spreads calls evenly: at most `perSecond` of them begin in any second. */
export interface Pacer {
  /** Resolves when the caller may begin. */
  turn(signal?: AbortSignal): Promise<void>;
}

/** @param perSecond 0 means without a limit */
export function createPacer(perSecond: number, now: () => number = () => performance.now()): Pacer {
  const gapMs = perSecond > 0 ? 1000 / perSecond : 0;
  let next = 0;
  return {
    turn: async (signal) => {
      if (gapMs === 0) return;
      const time = now();
      const begin = Math.max(time, next);
      next = begin + gapMs;
      if (begin > time) await delay(begin - time, undefined, signal ? { signal } : {});
    },
  };
}
