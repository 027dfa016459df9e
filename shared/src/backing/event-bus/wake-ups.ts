import pg from "pg";
import type { Logger } from "../../service/logger.ts";
import { pause } from "./pause.ts";

/** Between two attempts to listen again, in milliseconds; polls go on meanwhile. */
const RECONNECT_MS = 1_000;
/**
 * Who waits looks again after so long, in milliseconds: a notification may be lost with its connection, and a member
 * that leaves its group tells nobody.
 */
const POLL_MS = 1_000;

export interface Waiter {
  /** Resolves once there may be something new since the last call, after a second at the latest. */
  next(): Promise<void>;
  wake(): void;
  cancel(): void;
}

/** Tells who waits for messages that some were published, through PostgreSQL's LISTEN on a connection of its own. */
export interface WakeUps {
  /** @param topics as they are named in the table */
  waitFor(topics: ReadonlySet<string>): Waiter;
  close(): Promise<void>;
}

export function createWakeUps(url: string, channel: string, log: Logger): WakeUps {
  const waiters = new Map<Waiter, ReadonlySet<string>>();
  let listening: Promise<void> | undefined;
  const closing = new AbortController();

  const wakeAll = (topic?: string) => {
    for (const [waiter, topics] of waiters) if (topic === undefined || topics.has(topic)) waiter.wake();
  };

  async function keepListening(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await listen(url, channel, wakeAll, closing.signal);
      } catch (error) {
        log.debug({ err: error }, "the event bus cannot listen for messages now; it polls");
      }
      await pause(RECONNECT_MS, closing.signal);
    }
  }

  return {
    waitFor: (topics) => {
      listening ??= keepListening();
      const waiter = createWaiter(() => waiters.delete(waiter));
      waiters.set(waiter, topics);
      return waiter;
    },
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}

/** Resolves when the connection has ended or the signal says so. */
async function listen(
  url: string,
  channel: string,
  onMessage: (topic?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: "marquee" });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  // Told of below, where it is awaited; a connection that fails before is told of by connect itself.
  ended.catch(() => undefined);
  const stop = () => resolve();
  client.on("error", reject);
  client.on("end", stop);
  client.on("notification", ({ payload }) => onMessage(payload));
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
    // What came before is not told.
    onMessage();
    await ended;
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end().catch(() => undefined); // lost already: ended as well
  }
}

function createWaiter(cancel: () => void): Waiter {
  let woken = false;
  let resume: (() => void) | undefined;
  return {
    next: async () => {
      if (!woken) {
        const { promise, resolve } = Promise.withResolvers<void>();
        resume = resolve;
        const timer = setTimeout(resolve, POLL_MS);
        await promise;
        clearTimeout(timer);
      }
      woken = false;
    },
    wake: () => {
      woken = true;
      resume?.();
    },
    cancel,
  };
}
