import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { errorMessage } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";

/** Wait before connecting again, in milliseconds: doubles from failure to failure. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that has gone silent is found by TCP itself, in milliseconds. */
const KEEP_ALIVE_AFTER_MS = 10_000;

export interface ListenOptions {
  /** A connection of its own: LISTEN belongs to a session, so no pooler in transaction mode may stand between. */
  url: string;
  channels: readonly string[];
  onNotice(channel: string, payload: string): void;
  /** Listening has begun, or begun again: what was told in between was not heard. */
  onGap(): void;
  log: Logger;
}

export interface Listener {
  /** Why nothing is heard now, in words; undefined while all is well. */
  problem(): string | undefined;
  close(): Promise<void>;
}

/** Hears what PostgreSQL's NOTIFY tells, over a connection that is made anew whenever it is lost. */
export function listenTo(options: ListenOptions): Listener {
  const closing = new AbortController();
  const { signal } = closing;
  let problem: string | undefined = "Not listening yet.";

  async function keepListening(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    const onListening = () => {
      pause = FIRST_PAUSE_MS;
      problem = undefined;
      options.onGap();
    };
    while (!signal.aborted) {
      try {
        await listenUntilLost(options, signal, onListening);
      } catch (error) {
        problem = `Not listening for notices: ${errorMessage(error)}.`;
        options.log.warn({ err: error, pause }, "lost the connection that hears notices");
        await delay(pause, undefined, { signal }).catch(() => {});
        pause = Math.min(MAX_PAUSE_MS, pause * 2);
      }
    }
  }

  const ended = keepListening();
  return {
    problem: () => problem,
    close: () => {
      closing.abort();
      return ended;
    },
  };
}

/** Returns once aborted; throws when the connection cannot be made or is lost. */
async function listenUntilLost(
  { url, channels, onNotice }: ListenOptions,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "marquee notices",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  });
  const lost = Promise.withResolvers<void>();
  // Nobody may wait for it yet when it is rejected.
  lost.promise.catch(() => {});
  const onAbort = () => lost.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  client.on("error", lost.reject);
  client.on("end", () => lost.reject(new DOMException("the server closed the connection", "NetworkError")));
  client.on("notification", ({ channel, payload }) => onNotice(channel, payload ?? ""));
  try {
    await client.connect();
    for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
    onListening();
    await lost.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await client.end().catch(() => {});
  }
}
