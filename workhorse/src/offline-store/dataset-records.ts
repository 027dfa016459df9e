import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { type DatasetManifest, datasetBytes } from "./dataset-manifest.ts";

/** A dataset as the database knows it. */
export interface DatasetRecord {
  hash: string;
  builtAt: Date;
  /** The day of the build. */
  asOf: CalendarDate;
  catalogHash: string;
  archiveHash: string | null;
  /** Of the rating model's feature service. */
  viewsHash: string;
  rows: number;
  bytes: number;
  /** Training runs whose set was read from it. */
  trainingRuns: number;
}

/**
 * Publishes a dataset: it is the latest from the transaction's end on. Where the builder's clock is behind that of an
 * earlier build, its moment is the next after that one's: a store that has the earlier online takes it for later, too.
 */
export async function recordDataset(
  queries: Queries,
  { hash, manifest }: { hash: string; manifest: DatasetManifest },
): Promise<void> {
  const { builtAt, asOf, catalogHash, archiveHash, viewsHash, rows, timeRange } = manifest;
  await queries.execute(
    `insert into feature_datasets (dataset_hash, built_at, as_of, catalog_hash, archive_hash, views_hash, rows, bytes, first_as_of, last_as_of)
     values ($1, greatest($2::timestamptz, (select max(built_at) + interval '1 ms' from feature_datasets where dataset_hash <> $1)), $3, $4, $5, $6, $7, $8, $9, $10) on conflict (dataset_hash) do update
     set built_at = greatest(excluded.built_at, feature_datasets.built_at)`,
    [
      ...[hash, builtAt, asOf, catalogHash, archiveHash, viewsHash, rows, datasetBytes(manifest)],
      ...[timeRange?.from ?? null, timeRange?.to ?? null],
    ],
  );
}

/** The one that was built last; undefined where none is. */
export async function latestDataset(queries: Queries): Promise<DatasetRecord | undefined> {
  const [latest] = await listDatasets(queries, 1);
  return latest;
}

/** The newest first. */
export async function listDatasets(queries: Queries, limit: number): Promise<DatasetRecord[]> {
  const rows = await queries.query<{
    dataset_hash: string;
    built_at: Date;
    as_of: CalendarDate;
    catalog_hash: string;
    archive_hash: string | null;
    views_hash: string;
    rows: number;
    bytes: number;
    training_runs: number;
  }>(
    `select d.*, (select count(*)::integer from training_runs t where t.feature_dataset = d.dataset_hash) as training_runs
     from feature_datasets d order by built_at desc, dataset_hash limit $1`,
    [limit],
  );
  return rows.map((row) => ({
    hash: row.dataset_hash,
    builtAt: row.built_at,
    asOf: row.as_of,
    catalogHash: row.catalog_hash,
    archiveHash: row.archive_hash,
    viewsHash: row.views_hash,
    rows: row.rows,
    bytes: row.bytes,
    trainingRuns: row.training_runs,
  }));
}
