import type { ChainableCommander } from "ioredis";

/** One command, and the key whose node is to carry it out. All its keys are on that node. */
export interface RedisCommand {
  key: string;
  add(pipeline: ChainableCommander): unknown;
}

export interface RetiredViews {
  /** What their keys begin with, up to the brace. */
  prefixes: ReadonlySet<string>;
  /** What all these begin with. */
  common: string;
  /** Milliseconds since 1970. */
  olderThanMs: number;
}

/** What the online store needs of Redis, on one server or on many. Every call throws what explainRedisError makes of it. */
export interface RedisNodes {
  /** How many keys of values one script may have. */
  readonly keysPerScript: number;
  /** How many commands wait in one pipeline. */
  readonly commandsPerPipeline: number;
  /** Under each of them lies a copy of every watermark. */
  readonly tags: readonly string[];
  /** The tag whose copies lie on the node of this key. */
  tagNear(key: string): string;
  /** In the order of the keys, in one round trip: on each node in their order, too. */
  get(keys: readonly string[]): Promise<(Buffer | null)[]>;
  /** @returns the answers in the order of the commands; those of one node are carried out in their order */
  run(commands: readonly RedisCommand[]): Promise<unknown[]>;
  /** Keys that begin with `prefix`, page by page. */
  scan(prefix: string): AsyncIterable<string[]>;
  /** Removes the values of views that were materialised earlier. @returns how many those were */
  retire(views: RetiredViews): Promise<number>;
  /** What the servers that take writes call their present lives: each chooses another name when it starts. */
  incarnation(): Promise<string>;
  close(): Promise<void>;
}

/** A server's name for its present life. @param info what it answers to INFO */
export function runIdOf(info: string): string {
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
}

/** Redis looks at about so many keys per SCAN, 0.7 ms as measured, and serves others before the next. */
export const KEYS_PER_SCAN = 1_000;

/** The pattern of keys that begin so. */
export function beginningWith(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]^]/g, "\\$&")}*`;
}
