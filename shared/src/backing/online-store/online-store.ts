/**
 * Clocks of writers may be apart by so much, in milliseconds. Whatever says that it was materialised later than that from
 * now is damaged, or of a clock that was wrong, and is not taken for later than what comes.
 */
export const CLOCKS_APART_MS = 5 * 60_000;

/** Names one value: an entity as a feature view sees it, e.g. view `film_metadata@2`, entity `film:603`. */
export interface OnlineKey {
  view: string;
  entity: string;
}

export interface OnlineWrite extends OnlineKey {
  /** Copied, so the caller may use its memory again. */
  value: Uint8Array;
  /** The moment that the value speaks for; its age counts from here, or from a later watermark of its view. */
  materializedAt: Date;
  /** From this age on the value is stale, in seconds. */
  ttlSeconds: number;
}

/** `stale`: older than its time to live, and up to the reader to use or not. `value` is to be read, not changed. */
export type OnlineRead = { status: "present" | "stale"; value: Uint8Array; ageSeconds: number } | { status: "missing" };

/** Up to where a view has been materialised. */
export interface Watermark {
  /** The moment for which every value of the view is known to be right, written then or not. */
  at: Date;
  /** What the view was materialised from, in the writer's words: a dataset's hash. */
  source: string;
  /**
   * What has begun to be written over it and was not confirmed: until then a value may be of `source` or of any of these.
   * Absent where all of it is of `source`.
   */
  underway?: readonly string[];
}

/**
 * Features for serving: one compact value per entity and view. Values stay until they are replaced, removed or retired:
 * what is too old is told as stale, never left out and never passed off as fresh.
 *
 * A view's watermark is kept with its values, so that a store that was emptied or put back to an older state says so by
 * itself. A materialisation says what it begins to write, writes what has changed, removes what is gone, and confirms the
 * watermark last: whoever ends before that leaves the old watermark with the names of all that was begun since, and the
 * next one knows what may lie there.
 *
 * A rebuild that disturbs no reader: write every entity anew with one `materializedAt`, `retire` what is older, confirm.
 * Whoever reads meanwhile finds the old value or the new one.
 */
export interface OnlineStore {
  /**
   * Each value is replaced in one step. One that was materialised later stays, so that writers may overtake each other;
   * of two of the same moment the last written stays. What is no value, or is further than CLOCKS_APART_MS ahead of the
   * writer's clock, does not stay.
   */
  write(entries: readonly OnlineWrite[]): Promise<void>;
  /**
   * Answers in the order of the keys, in one round trip however many they are. A value's age counts from the later of
   * its own `materializedAt` and its view's watermark. Bytes that are no value are missing.
   */
  read(keys: readonly OnlineKey[]): Promise<OnlineRead[]>;
  /** Forgets single values: entities that are gone. Those that are not there are no fault. */
  remove(keys: readonly OnlineKey[]): Promise<void>;
  /**
   * Forgets the views' values that were materialised before `olderThan`, watermark or not: entities that the last
   * rebuild has not written. It looks at every key there is, so of many views at once.
   * @returns how many those were
   */
  retire(views: readonly string[], olderThan: Date): Promise<number>;
  /**
   * Says that every value of the view is right as of `watermark.at`, but for what is `underway`. An earlier one than there
   * is changes nothing; one of the same moment replaces it, and so does any where the one that is there is further than
   * CLOCKS_APART_MS ahead of the writer's clock.
   */
  confirm(view: string, watermark: Watermark): Promise<void>;
  /** Of each view that was ever confirmed and not dropped. */
  watermarks(): Promise<ReadonlyMap<string, Watermark>>;
  /**
   * Names the servers' present lives. Another text than before says that one of them was started again or replaced since,
   * and may have lost what was written meanwhile, without any call having failed.
   */
  incarnation(): Promise<string>;
  /** Forgets a view with all its values and its watermark: one that no release reads any more. */
  drop(view: string): Promise<void>;
  close(): Promise<void>;
}
