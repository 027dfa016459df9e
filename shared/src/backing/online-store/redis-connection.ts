import type { Logger } from "../../service/logger.ts";
import { explainRedisError, forgetCommand } from "./redis-errors.ts";

/** An answer that comes later helps no prediction, in milliseconds. */
export const COMMAND_TIMEOUT_MS = 2_000;
/** A connection that was silent for so long with a command under way is given up for a new one, in milliseconds. */
export const SOCKET_TIMEOUT_MS = 5_000;
/** Between two attempts to connect. Who asks meanwhile hears the outcome of the next one, so at most this much later. */
export const RECONNECT_MS = 250;

export interface Explainer {
  /** Throws what the work throws, in the error table's words where its meaning is known. */
  explained<T>(work: Promise<T>): Promise<T>;
  /** Takes a connection's error; the log is told of an outage once. */
  lost(error: unknown): void;
  /** Takes the end of an outage. */
  back(): void;
}

/** @param where the servers without credentials */
export function explainer(where: string, log: Logger): Explainer {
  let fault: unknown;
  return {
    explained: async (work) => {
      try {
        return await work;
      } catch (error) {
        throw explainRedisError(error, where, fault);
      }
    },
    lost: (error) => {
      forgetCommand(error);
      if (fault === undefined) log.warn({ err: error, server: where }, "the online store is away");
      fault = error;
    },
    back: () => {
      if (fault !== undefined) log.info({ server: where }, "the online store is back");
      fault = undefined;
    },
  };
}
