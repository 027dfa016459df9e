/** Requests counted since `startedAt`, milliseconds since 1970. */
export interface RateWindow {
  startedAt: number;
  count: number;
}

const WINDOW_MS = 1000;

/** Counts one request; a second after its start a window is over and the next begins with this request. */
export function countRequest(window: RateWindow | undefined, now: number): RateWindow {
  if (!window || now - window.startedAt >= WINDOW_MS || now < window.startedAt) return { startedAt: now, count: 1 };
  return { startedAt: window.startedAt, count: window.count + 1 };
}

/** Whole seconds until the window is over, at least one: what the Retry-After header says. */
export function retryAfter({ startedAt }: RateWindow, now: number): number {
  return Math.max(1, Math.ceil((startedAt + WINDOW_MS - now) / 1000));
}
