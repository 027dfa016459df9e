import type { LogLine } from "../../contracts/log-line.ts";

/** Which lines to find; what is left out does not count. The newest come first. */
export interface LogQuery {
  traceId?: string;
  service?: string;
  level?: LogLine["level"];
  /** Words in `msg`. */
  text?: string;
  from?: Date;
  /** Not the moment itself any more. */
  to?: Date;
  /** 100 unless given, 1,000 at most. */
  limit?: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** How many lines a query asks for. */
export function limitOf({ limit = DEFAULT_LIMIT }: LogQuery): number {
  return Math.min(limit, MAX_LIMIT);
}

/** One line that was not stored, and why; the others of its batch were. */
export interface RefusedLine {
  id: string;
  reason: string;
}

/** Where log lines are kept for a time and found again: Elasticsearch, or a capped table of PostgreSQL. */
export interface LogStore {
  /** Makes what the store needs (templates); does nothing where it is there. @throws LOG_STORE_UNAVAILABLE */
  prepare(): Promise<void>;
  /**
   * Stores each line under its id; a line that is there already stays as it is. Resolves once they can be found.
   * @returns lines that the store refused for what they hold
   * @throws LOG_STORE_UNAVAILABLE where the store itself failed: the whole batch is to be tried again
   */
  store(lines: readonly LogLine[]): Promise<RefusedLine[]>;
  find(query: LogQuery): Promise<LogLine[]>;
  /** @throws LOG_STORE_UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}
