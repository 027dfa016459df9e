import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { ColumnSchema, ViewSchema } from "@marquee/shared/features/feature-view";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { readChangedEntries, readEntries } from "./changed-entries.ts";
import { type DatasetManifest, datasetHash, datasetManifestSchema, manifestKey } from "./dataset-manifest.ts";
import { type DuckDb, openDuckDb, parquetTable, sqlName, streamChunks } from "./duckdb.ts";
import { corrupt, type FileCache } from "./file-cache.ts";
import type { EntityRow, OfflineDataset, RowBatch, TimeRange } from "./offline-store.ts";
import { differsSql, entityRows, latestSql, msSql, sameView, valueSql, wideValues } from "./view-rows.ts";

/** A dataset whose files DuckDB reads on this machine. */
export interface LocalDataset extends OfflineDataset {
  /** Columns of any of its views side by side, every row once, ascending by event time, then id. */
  rows(columns: readonly Pick<ColumnSchema, "name" | "type">[]): AsyncIterable<RowBatch>;
  /** DuckDB, and the local paths of the row files, for queries of one's own. */
  query(): Promise<{ duckdb: DuckDb; paths: string[] }>;
}

export interface OpenDatasetOptions {
  objectStore: ObjectStore;
  cache: FileCache;
}

/** @throws DATASET_UNKNOWN; OBJECT_CORRUPT where the manifest is not the one of this name */
export async function openDataset({ objectStore, cache }: OpenDatasetOptions, hash: string): Promise<LocalDataset> {
  const manifest = await readManifest(objectStore, hash);
  const opened = lazyDuckDb(cache);
  const query = async (files = manifest.rowFiles) => ({
    duckdb: await opened.get(),
    paths: await cache.localPaths(files),
  });
  return {
    hash,
    manifest,
    query,
    latestRows: (view, range) => latestRows(manifest, query, view, range),
    changedRows: (view, before) => changedRows(manifest, query, view, before.manifest),
    rows: (columns) => allRows(manifest, query, columns),
    onlineEntries: async function* () {
      yield* readEntries({ duckdb: await opened.get(), cache }, manifest.onlineFiles);
    },
    changedEntries: async function* (before) {
      yield* readChangedEntries({ duckdb: await opened.get(), cache }, { now: manifest, before: before.manifest });
    },
    close: opened.close,
  };
}

type Query = (files?: DatasetManifest["rowFiles"]) => Promise<{ duckdb: DuckDb; paths: string[] }>;

/** @throws DATASET_UNKNOWN, OBJECT_CORRUPT */
export async function readManifest(objectStore: ObjectStore, hash: string): Promise<DatasetManifest> {
  const key = manifestKey(hash);
  let text: string;
  try {
    text = (await objectStore.get(key)).toString("utf8");
  } catch (error) {
    if (!isMarqueeError(error, "OBJECT_NOT_FOUND")) throw error;
    throw new MarqueeError(
      "DATASET_UNKNOWN",
      `There is no feature dataset ${hash} in the object store. The next features run makes one.`,
      { cause: error },
    );
  }
  const parsed = datasetManifestSchema.safeParse(parseJson(text));
  if (!parsed.success) throw corrupt(key, "it is no manifest of a dataset", parsed.error);
  const found = datasetHash(parsed.data);
  if (found !== hash) throw corrupt(key, `its content has the hash ${found}`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // as little a manifest as any other text
  }
}

/** DuckDB for as long as the dataset is open, from the first query on. */
function lazyDuckDb(cache: FileCache): { get(): Promise<DuckDb>; close(): Promise<void> } {
  let opening: Promise<{ duckdb: DuckDb; scratch: string }> | undefined;
  const open = async () => {
    const scratch = await cache.makeScratch();
    return { duckdb: await openDuckDb({ spillFolder: join(scratch, "spill") }), scratch };
  };
  return {
    get: async () => {
      opening ??= open();
      return (await opening).duckdb;
    },
    close: async () => {
      const opened = await opening;
      opening = undefined;
      if (!opened) return;
      opened.duckdb.close();
      await rm(opened.scratch, { recursive: true, force: true });
    },
  };
}

async function* latestRows(
  manifest: DatasetManifest,
  query: Query,
  view: ViewSchema,
  range: TimeRange = {},
): AsyncGenerator<EntityRow[]> {
  const { columns } = viewOf(manifest, view);
  const { duckdb, paths } = await query();
  if (paths.length === 0) return;
  const latest = latestSql({ entity: manifest.entity, paths, columns }, range);
  const values = columns.map((column) => valueSql(column, "l"));
  const sql = `select ${["l.id", msSql("l.event_time"), ...values].join(", ")} from (${latest}) l`;
  for await (const chunk of streamChunks(duckdb, sql)) yield entityRows(chunk, columns.length);
}

async function* changedRows(
  manifest: DatasetManifest,
  query: Query,
  view: ViewSchema,
  before: DatasetManifest,
): AsyncGenerator<{ changed: EntityRow[]; gone: number[] }> {
  const { columns } = viewOf(manifest, view);
  const same = sameView(before, view) !== undefined;
  if (same && filesOf(manifest) === filesOf(before)) return;
  const { duckdb, paths } = await query();
  const known = await query(before.rowFiles);
  const is = latestOrNone(manifest, paths, columns);
  // Of a view that it does not have it can only tell which entities there were.
  const was = latestOrNone(before, known.paths, same ? columns : []);
  const differs = same ? differsSql(columns, ["is_", "was_"]) : "true";
  const values = columns.map((column) => valueSql(column, "is_"));
  const sql = `select ${["coalesce(is_.id, was_.id)", msSql("is_.event_time"), "is_.id is null", ...values].join(", ")}
    from (${is}) is_ full join (${was}) was_ on is_.id = was_.id
    where is_.id is null or was_.id is null or ${differs}`;
  for await (const chunk of streamChunks(duckdb, sql)) {
    const gone = chunk.getColumnVector(2);
    const rows = entityRows(chunk, columns.length, 3);
    yield {
      changed: rows.filter((_, row) => gone.getItem(row) !== true),
      gone: rows.flatMap(({ id }, row) => (gone.getItem(row) === true ? [id] : [])),
    };
  }
}

function latestOrNone(
  { entity }: DatasetManifest,
  paths: readonly string[],
  columns: readonly Pick<ColumnSchema, "name" | "type">[],
): string {
  if (paths.length > 0) return latestSql({ entity, paths, columns });
  const none = columns.map(({ name, type }) => `, null::${type === "bool" ? "boolean" : "double"} as ${sqlName(name)}`);
  return `select 0 as id, now() as event_time${none.join("")} where false`;
}

function filesOf({ rowFiles }: DatasetManifest): string {
  return rowFiles.map(({ sha256 }) => sha256).join(" ");
}

async function* allRows(
  { entity }: DatasetManifest,
  query: Query,
  columns: readonly Pick<ColumnSchema, "name" | "type">[],
): AsyncGenerator<RowBatch> {
  const { duckdb, paths } = await query();
  if (paths.length === 0) return;
  const id = `r.${sqlName(entity.joinKey)}`;
  const selected = [id, msSql("r.event_time"), ...columns.map((column) => valueSql(column, "r"))];
  const sql = `select ${selected.join(", ")} from ${parquetTable(paths)} r order by r.event_time, ${id}`;
  for await (const chunk of streamChunks(duckdb, sql)) {
    const narrow = wideValues(chunk, 2, 0);
    yield {
      ids: Int32Array.from({ length: chunk.rowCount }, (_, row) => narrow[row * 2] ?? 0),
      eventTimes: Float64Array.from({ length: chunk.rowCount }, (_, row) => narrow[row * 2 + 1] ?? Number.NaN),
      values: wideValues(chunk, columns.length, 2),
    };
  }
}

function viewOf(manifest: DatasetManifest, view: ViewSchema) {
  const found = sameView(manifest, view);
  if (found) return found;
  const there = manifest.views.map(({ name, version }) => `${name}@${version}`).join(", ");
  throw new MarqueeError(
    "FEATURE_UNKNOWN",
    `The dataset does not have the view ${view.name}@${view.version} with these columns. It has ${there}. Build features with this release first.`,
  );
}
