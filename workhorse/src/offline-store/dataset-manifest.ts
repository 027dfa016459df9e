import { calendarDateSchema } from "@marquee/shared/contracts/time";
import type { Entity, FeatureView } from "@marquee/shared/features/feature-view";
import { hashViews } from "@marquee/shared/features/view-hash";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { z } from "zod";

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** One Parquet file, named by its content. */
const partitionSchema = z.strictObject({
  /** Of the object in the object store. */
  key: z.string(),
  sha256: hashSchema,
  bytes: z.int().min(0),
  rows: z.int().min(0),
  /** What its rows have in common: the decade of their event time, or the online view. */
  partition: z.string(),
});
export type Partition = z.infer<typeof partitionSchema>;

const viewSchema = z.strictObject({
  name: z.string(),
  version: z.int().min(1),
  /** Of the definition and the function's answers to probes. */
  hash: hashSchema,
  columns: z.array(z.strictObject({ name: z.string(), type: z.enum(["float64", "bool"]) })),
  /** How far back a point-in-time join looks for a row; as far as there are rows unless given. */
  joinWindowSeconds: z.number().positive().optional(),
});
export type DatasetView = z.infer<typeof viewSchema>;

/** What a dataset is made of. Its hash, over all but `builtAt`, is the dataset's identity. */
export const datasetManifestSchema = z.strictObject({
  format: z.literal(1),
  builtAt: z.iso.datetime(),
  /** The day of the build: films that are not out yet stand as of it. */
  asOf: calendarDateSchema,
  catalogHash: z.string(),
  /** Null where the catalog was not loaded by a tracked step. */
  archiveHash: z.string().nullable(),
  /** Days after its release from which another film's rating counts. */
  maturityDays: z.int().min(0),
  /** Of the rating model's feature service. */
  viewsHash: z.string(),
  /** What rows are about. */
  entity: z.strictObject({ name: z.string(), joinKey: z.string() }),
  /** All views, those that no model may use among them. */
  views: z.array(viewSchema),
  rows: z.int().min(0),
  /** Event times of the first and the last row; absent without rows. */
  timeRange: z.strictObject({ from: calendarDateSchema, to: calendarDateSchema }).optional(),
  /** A wide table: join key, event_time, and every column of every view. */
  rowFiles: z.array(partitionSchema),
  /** What lies online beside the views' rows (online-layout.ts): view, entity, value. */
  onlineFiles: z.array(partitionSchema),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

/** Where manifests lie in the object store. */
export const MANIFEST_PREFIX = "features/datasets/";
/** Where the Parquet files of all datasets lie. */
export const FILE_PREFIX = "features/files/";

export function manifestKey(hash: string): string {
  return `${MANIFEST_PREFIX}${hash}.json`;
}

export function fileKey(sha256OfFile: string): string {
  return `${FILE_PREFIX}${sha256OfFile}.parquet`;
}

/** The dataset's identity: when it was built is no part of it. */
export function datasetHash({ builtAt: _, ...content }: DatasetManifest): string {
  return sha256(canonicalJson(content));
}

/** All files of a dataset together. */
export function datasetBytes({ rowFiles, onlineFiles }: DatasetManifest): number {
  return [...rowFiles, ...onlineFiles].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A view as a manifest tells of it. */
export function datasetView(view: FeatureView): DatasetView {
  const { name, version, columns, joinWindowSeconds } = view;
  return {
    ...{ name, version, hash: hashViews([view]) },
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
    ...(joinWindowSeconds === undefined ? {} : { joinWindowSeconds }),
  };
}

export function datasetEntity({ name, joinKey }: Entity): DatasetManifest["entity"] {
  return { name, joinKey };
}
