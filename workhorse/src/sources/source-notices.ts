import { isMarqueeError } from "@marquee/shared/service/errors";
import type { TaskContext } from "../tasks/task-context.ts";

/** Of one source at most so often, in milliseconds: one that is away refuses many requests at a time. */
const INTERVAL_MS = 10_000;

/** A try that failed, and when the next one comes. */
export interface Retry {
  error: unknown;
  /** The one that failed; the first is 1. */
  attempt: number;
  /** How many there are at most. */
  attempts: number;
  delayMs: number;
}

/** Tells whoever waits for a source why: the first time at once, then at most every ten seconds of each source. */
export interface SourceNotices {
  /** @param source `TMDB`, `IMDb` */
  retrying(source: string, retry: Retry): void;
  /** The source asks everybody to wait. */
  slowedDown(source: string, seconds: number): void;
}

/** @param now milliseconds of a clock that never goes back */
export function createSourceNotices(
  onNotice: NonNullable<TaskContext["onNotice"]>,
  now: () => number = () => performance.now(),
): SourceNotices {
  const toldAt = new Map<string, number>();
  const tell = (source: string, words: string) => {
    const time = now();
    if (time - (toldAt.get(source) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return;
    toldAt.set(source, time);
    onNotice(`${source} ${words}`);
  };
  return {
    retrying: (source, { error, attempt, attempts, delayMs }) =>
      tell(
        source,
        `${problemOf(error)}; trying again in ${Math.ceil(delayMs / 1_000)} s (${attempt + 1} of ${attempts}).`,
      ),
    slowedDown: (source, seconds) =>
      tell(source, `asks to slow down; going on in ${Math.ceil(seconds)} s, at half the rate.`),
  };
}

/** In few words: the log has the whole error. */
function problemOf(error: unknown): string {
  const { status, reason, fault } = isMarqueeError(error) ? error.details : {};
  if (status !== undefined) return `answers ${String(status)}`;
  if (reason !== undefined) return `does not answer (${String(reason)})`;
  return `sends what cannot be used (${String(fault ?? "unknown")})`;
}
