import { type BatchLimits, endOfBatch } from "./batches.ts";
import type { SpoolEntry, SpooledMessage } from "./spool-segment.ts";

/** Messages wait for company no longer than this, in milliseconds. */
const FLUSH_MS = 100;
/** What waits in memory while a batch is under way, in bytes; more is offered in vain. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** A message on its way; who published it hears of its end. */
export interface Outgoing extends SpoolEntry {
  /** Without an error: the message is safe. */
  settle?: (error?: unknown) => void;
}

/** Gathers messages into batches and has them taken one after the other. */
export interface Outbox {
  /** @returns whether there was room */
  offer(entry: SpooledMessage): boolean;
  publish(entry: SpooledMessage): Promise<void>;
  /** Resolves once everything that is here now was taken. */
  flush(): Promise<void>;
}

/**
 * @param limits of one batch; a larger message is a batch of its own
 * @param take gets each batch, and never rejects
 */
export function createOutbox(limits: BatchLimits, take: (batch: readonly Outgoing[]) => Promise<void>): Outbox {
  let waiting: { entry: Outgoing; bytes: number }[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let pumping: Promise<void> | undefined;

  function add(entry: Outgoing, bytes: number): void {
    waiting.push({ entry, bytes });
    waitingBytes += bytes;
  }

  function nextBatch(): Outgoing[] {
    const count = endOfBatch(waiting, 0, limits, ({ bytes }) => bytes);
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    return batch.map(({ entry }) => entry);
  }

  async function pump(): Promise<void> {
    // Whoever publishes in the same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) await take(nextBatch());
    pumping = undefined;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    pumping ??= pump();
    return pumping;
  }

  return {
    flush,
    offer: (entry) => {
      const bytes = Buffer.byteLength(entry.message.value);
      if (waitingBytes + bytes > MAX_WAITING_BYTES) return false;
      add({ ...entry, durable: false }, bytes);
      if (waiting.length >= limits.messages) void flush();
      else if (pumping === undefined) timer ??= setTimeout(() => void flush(), FLUSH_MS);
      return true;
    },
    publish: (entry) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      add({ ...entry, durable: true, settle }, Buffer.byteLength(entry.message.value));
      void flush();
      return promise;
    },
  };
}
