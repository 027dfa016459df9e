import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import type { Entity, ViewSchema } from "@marquee/shared/features/feature-view";
import type { DatasetManifest } from "./dataset-manifest.ts";

/** Rows of one entity with the columns of all views of a dataset, in their order. */
export interface RowBatch {
  ids: Int32Array;
  /** Milliseconds since 1970. */
  eventTimes: Float64Array;
  /** Row after row; NaN where unknown. */
  values: Float64Array;
}

/** A value that lies online as it is: facts, cards, names, track records. */
export interface OnlineEntry extends OnlineKey {
  value: Uint8Array;
}

/** What a build has made. Both sequences are read once, batch by batch. */
export interface DatasetContent
  extends Pick<
    DatasetManifest,
    "builtAt" | "asOf" | "catalogHash" | "archiveHash" | "maturityDays" | "viewsHash" | "views"
  > {
  entity: Entity;
  rows: AsyncIterable<RowBatch> | Iterable<RowBatch>;
  online: AsyncIterable<OnlineEntry[]> | Iterable<OnlineEntry[]>;
}

/** An entity's row of one view. */
export interface EntityRow {
  id: number;
  /** Milliseconds since 1970. */
  eventTime: number;
  /** One number per column of the view; NaN where unknown. */
  values: Float64Array;
}

export interface TimeRange {
  /** Inclusive. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** One dataset, open for reading. Files are fetched when they are first needed, and kept beside (content-addressed). */
export interface OfflineDataset {
  readonly hash: string;
  readonly manifest: DatasetManifest;
  /** The newest row of each entity, where that is of the range; each entity once, in batches. */
  latestRows(view: ViewSchema, range?: TimeRange): AsyncIterable<EntityRow[]>;
  /** What a store that was filled from `before` lacks: rows that are new or differ in any bit, and entities that are gone. */
  changedRows(view: ViewSchema, before: OfflineDataset): AsyncIterable<{ changed: EntityRow[]; gone: number[] }>;
  onlineEntries(): AsyncIterable<OnlineEntry[]>;
  changedEntries(before: OfflineDataset): AsyncIterable<{ changed: OnlineEntry[]; gone: OnlineKey[] }>;
  close(): Promise<void>;
}

/** Features as Parquet in the object store, point-in-time joins over them, and what a training set was made from. */
export interface OfflineStore {
  /** Equal content has an equal hash and is stored once. The manifest is written last. */
  write(content: DatasetContent): Promise<{ hash: string; manifest: DatasetManifest }>;
  /** @throws DATASET_UNKNOWN; OBJECT_CORRUPT where a file is not what the manifest says */
  open(hash: string): Promise<OfflineDataset>;
}
