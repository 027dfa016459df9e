/** Names one value: an entity as a feature view sees it, e.g. view `track_record`, entity `person:123`. */
export interface OnlineKey {
  view: string;
  entity: string;
}

export interface OnlineWrite extends OnlineKey {
  /** Copied, so the caller may use its memory again. */
  value: Uint8Array;
  /** The moment that the value speaks for; its age counts from here. */
  materializedAt: Date;
  /** From this age on the value is stale, in seconds. */
  ttlSeconds: number;
}

/** `stale`: older than its time to live, and up to the reader to use or not. `value` is to be read, not changed. */
export type OnlineRead = { status: "present" | "stale"; value: Uint8Array; ageSeconds: number } | { status: "missing" };

/**
 * Features for serving: one compact value per entity and view. A stale value is reported as stale for at least as long
 * again as its time to live; after that an adapter may forget it.
 *
 * A rebuild that disturbs no reader: write every entity anew with one `materializedAt`, then `retire` what is older.
 * Whoever reads meanwhile finds the old value or the new one.
 */
export interface OnlineStore {
  /**
   * Each value is replaced in one step. One that was materialised later stays, so that writers may overtake each other;
   * of two of the same moment the last written stays.
   */
  write(entries: readonly OnlineWrite[]): Promise<void>;
  /** Answers in the order of the keys, in one round trip however many they are. */
  read(keys: readonly OnlineKey[]): Promise<OnlineRead[]>;
  /**
   * Forgets the view's values that were materialised before `olderThan`: entities that the last rebuild has not written.
   * @returns how many those were
   */
  retire(view: string, olderThan: Date): Promise<number>;
  close(): Promise<void>;
}
