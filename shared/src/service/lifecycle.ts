import type { Logger } from "./logger.ts";

/** How long one part may take to stop before the rest goes on without it, in milliseconds. */
const STOP_TIMEOUT_MS = 10_000;

export interface Lifecycle {
  /**
   * Registers how to stop what was just made. Stops run last in, first out.
   * @param timeoutMs for a part that needs longer than the others
   */
  onStop(name: string, stop: () => unknown, timeoutMs?: number): void;
  /** Stops everything that was registered, once; later calls wait for the same end. Never rejects. */
  stop(): Promise<void>;
  readonly stopping: boolean;
  /** Aborted as the first act of stopping, so that long work can end early. */
  readonly signal: AbortSignal;
}

interface Part {
  name: string;
  stop: () => unknown;
  timeoutMs: number | undefined;
}

export function createLifecycle(log: Logger, timeoutMs: number = STOP_TIMEOUT_MS): Lifecycle {
  const parts: Part[] = [];
  const abort = new AbortController();
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    abort.abort();
    for (let part = parts.pop(); part; part = parts.pop()) {
      try {
        await withTimeout(part, part.timeoutMs ?? timeoutMs);
      } catch (error) {
        log.warn({ err: error, part: part.name }, "did not stop cleanly");
      }
    }
  }
  return {
    onStop: (name, stop, partTimeoutMs) => {
      parts.push({ name, stop, timeoutMs: partTimeoutMs });
    },
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
    get stopping() {
      return stopped !== undefined;
    },
    signal: abort.signal,
  };
}

async function withTimeout(part: Part, timeoutMs: number): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new DOMException(`${part.name}: over ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  try {
    await Promise.race([Promise.resolve().then(part.stop), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
