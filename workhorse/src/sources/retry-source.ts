import type { Logger } from "@marquee/shared/service/logger";
import { type RetryOptions, retry } from "@marquee/shared/service/retry";
import type { SourceNotices } from "./source-notices.ts";

export interface SourceRetryOptions extends Pick<RetryOptions, "attempts" | "firstDelayMs" | "maxDelayMs"> {
  /** `TMDB`, `IMDb` */
  source: string;
  /** What is asked for, in words of the log: `TMDB's ids`. */
  what: string;
  log: Logger;
  notices?: SourceNotices | undefined;
  signal?: AbortSignal | undefined;
  /** Figures for the log, as they are when a try has failed. */
  figures?: () => Record<string, number>;
}

/** Asks a source until it answers, as `retry` does; each further try is told to the log and to whoever waits. @throws the last error */
export function retrySource<T>(work: () => Promise<T>, options: SourceRetryOptions): Promise<T> {
  const { source, what, log, notices, signal, figures, attempts, firstDelayMs, maxDelayMs } = options;
  return retry(work, {
    attempts,
    firstDelayMs,
    maxDelayMs,
    ...(signal ? { signal } : {}),
    onRetry: (error, attempt, delayMs) => {
      log.warn({ err: error, attempt, delayMs, ...figures?.() }, `${what}: trying again`);
      notices?.retrying(source, { error, attempt, attempts, delayMs });
    },
  });
}
