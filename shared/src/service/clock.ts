import type { Instant } from "../contracts/time.ts";

/** Where time comes from. Injected, so that tests do not sleep and a back-test can stand in the past. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

export function fixedClock(instant: string): Clock {
  const time = new Date(instant).getTime();
  return { now: () => new Date(time) };
}

export function instantOf(clock: Clock): Instant {
  return clock.now().toISOString() as Instant;
}
