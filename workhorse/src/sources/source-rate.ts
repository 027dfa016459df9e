/**
 * How many requests a second may begin: up to a ceiling, halved when the source asks to slow down, then slowly more
 * again (additive increase, multiplicative decrease, as TCP does: https://www.rfc-editor.org/rfc/rfc5681#section-3.1).
 * Times are in milliseconds of a clock that never goes back.
 */
export interface SourceRate {
  readonly ceiling: number;
  /** Requests a second at `since`, from where on they rise. */
  readonly perSecond: number;
  readonly since: number;
  /** Nobody begins before. */
  readonly pausedUntil: number;
  /** When it was halved last. */
  readonly cutAt: number;
}

const LEAST_PER_SECOND = 1;
/** From nothing to the ceiling; so half a minute after a cut all is as before. */
const RISE_SECONDS = 60;

/** @param ceiling requests a second, more than 0 */
export function fullRate(ceiling: number): SourceRate {
  const never = Number.NEGATIVE_INFINITY;
  return { ceiling, perSecond: ceiling, since: 0, pausedUntil: never, cutAt: never };
}

/** Requests a second at `now`. */
export function rateAt({ ceiling, perSecond, since, pausedUntil }: SourceRate, now: number): number {
  const risenSeconds = Math.max(0, now - Math.max(since, pausedUntil)) / 1000;
  return Math.min(ceiling, perSecond + (risenSeconds * ceiling) / RISE_SECONDS);
}

/**
 * The rate after an answer 429. Everybody waits for what it says; of the answers to requests that were under way when
 * the rate was cut, none cuts it again.
 */
export function afterRateLimit(
  rate: SourceRate,
  { begunAt, retryAfterMs, now }: { begunAt: number; retryAfterMs: number; now: number },
): SourceRate {
  const pausedUntil = Math.max(rate.pausedUntil, now + retryAfterMs);
  if (begunAt <= rate.cutAt) return { ...rate, perSecond: rateAt(rate, now), since: now, pausedUntil };
  const perSecond = Math.max(Math.min(LEAST_PER_SECOND, rate.ceiling), rateAt(rate, now) / 2);
  return { ...rate, perSecond, since: now, pausedUntil, cutAt: now };
}
