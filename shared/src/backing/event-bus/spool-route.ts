import { errorMessage } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import type { BatchLimits } from "./batches.ts";
import type { DiskSpool } from "./disk-spool.ts";
import { pause } from "./pause.ts";
import type { SpoolEntry, SpooledMessage } from "./spool-segment.ts";

/** Who publishes waits for the bus no longer than this, in milliseconds; then for the disk. */
const PATIENCE_MS = 2_000;
/** Between two attempts to send what is spooled, in milliseconds. */
const RETRY_MS = 1_000;
/** Stopping waits so long for the bus to take what is spooled, in milliseconds. */
const STOP_MS = 3_000;

export interface SpoolRouteOptions {
  spool: DiskSpool;
  /** At most so much is sent at once. */
  limits: BatchLimits;
  /** Rejects where one of the messages is not in the bus. */
  send(entries: readonly SpooledMessage[]): Promise<void>;
  log: Logger;
}

/** Which way messages take: straight into the bus, or over the disk while others wait there or the bus is away. */
export interface SpoolRoute {
  /**
   * Brings a batch into the bus or onto the disk; batches are brought one after the other.
   * @returns what is in neither, and why
   */
  take<Entry extends SpoolEntry>(batch: readonly Entry[]): Promise<{ lost: readonly Entry[]; reason?: unknown }>;
  problem(): string | undefined;
  /** Gives the bus a last chance to take what is spooled. */
  stop(): Promise<void>;
}

/**
 * Order holds because there is one way at a time: from the moment the bus fails everything goes to the disk, until the
 * disk's last message is in the bus and nothing is being written.
 */
export function createSpoolRoute({ spool, limits, send, log }: SpoolRouteOptions): SpoolRoute {
  let straight = spool.empty;
  let reason: unknown;
  let losing = false;
  const stopping = new AbortController();
  let draining = straight ? undefined : drain(Promise.resolve());

  function away(error: unknown): void {
    if (reason === undefined) log.warn({ err: error }, "the event bus is away; messages wait in the spool");
    reason = error;
  }

  /** @param underWay a call of the bus that was not awaited to its end: nothing newer may overtake it */
  async function drain(underWay: Promise<unknown>): Promise<void> {
    await underWay;
    while (!stopping.signal.aborted) {
      try {
        const entries = await spool.peek(limits);
        if (entries.length === 0 && spool.empty) break;
        await send(entries);
        // The folder is another process's by now.
        if (stopping.signal.aborted) return;
        await spool.acknowledge();
      } catch (error) {
        away(error);
        await pause(RETRY_MS, stopping.signal);
      }
    }
    if (stopping.signal.aborted) return;
    if (reason !== undefined) log.info("the event bus is back, and has everything that waited in the spool");
    reason = undefined;
    losing = false;
    straight = true;
    draining = undefined;
  }

  async function toSpool<Entry extends SpoolEntry>(batch: readonly Entry[]) {
    const outcome: { lost: readonly Entry[]; reason?: unknown } = await spool.append(batch).then(
      (refused) => ({ lost: refused, reason }),
      (error: unknown) => ({ lost: batch, reason: error }),
    );
    // Told once: a line for each loss would be lost as well.
    if (outcome.lost.length > 0 && !losing) {
      losing = true;
      log.error({ err: outcome.reason, bytes: spool.bytes }, "messages are lost: the spool takes no more");
    }
    return outcome;
  }

  return {
    take: async (batch) => {
      if (!straight) return toSpool(batch);
      const sending = send(batch).then(
        () => undefined,
        (error: unknown) => error ?? "unknown",
      );
      const failure = await within(PATIENCE_MS, sending);
      if (failure === undefined) return { lost: [] };
      away(failure);
      straight = false;
      const outcome = await toSpool(batch);
      draining = drain(sending);
      return outcome;
    },
    problem: () => {
      if (straight) return undefined;
      const why = reason === undefined ? "they are being sent" : errorMessage(reason);
      return `${spool.bytes} bytes of messages wait on the disk: ${why}`;
    },
    stop: async () => {
      if (draining !== undefined) await within(STOP_MS, draining);
      stopping.abort();
    },
  };
}

/** @returns what `work` resolves with, or that it took too long */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`no answer within ${milliseconds} ms`), milliseconds);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
