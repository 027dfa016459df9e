import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import type { DatasetManifest, Partition } from "./dataset-manifest.ts";
import { type DuckDb, parquetTable, streamChunks } from "./duckdb.ts";
import type { FileCache } from "./file-cache.ts";
import type { OnlineEntry } from "./offline-store.ts";

interface Reading {
  duckdb: DuckDb;
  cache: FileCache;
}

/** What lies online beside the views' rows, view after view. */
export async function* readEntries(reading: Reading, files: readonly Partition[]): AsyncGenerator<OnlineEntry[]> {
  for (const file of files) {
    const paths = await reading.cache.localPaths([file]);
    const sql = `select entity, value, false from ${parquetTable(paths)}`;
    for await (const { changed } of entries(reading.duckdb, file.partition, sql)) yield changed;
  }
}

/** Compared file by file; a view whose file is the same in both is not even read. */
export async function* readChangedEntries(
  reading: Reading,
  { now, before }: Record<"now" | "before", DatasetManifest>,
): AsyncGenerator<{ changed: OnlineEntry[]; gone: OnlineKey[] }> {
  const views = new Set([...now.onlineFiles, ...before.onlineFiles].map(({ partition }) => partition));
  for (const view of views) {
    const [ours, theirs] = [now, before].map(({ onlineFiles }) =>
      onlineFiles.filter(({ partition }) => partition === view),
    );
    if (hashesOf(ours) === hashesOf(theirs)) continue;
    const [is, was] = [await tableOf(reading.cache, ours), await tableOf(reading.cache, theirs)];
    const sql = `select coalesce(is_.entity, was_.entity), is_.value, is_.entity is null
      from ${is} is_ full join ${was} was_ on is_.entity = was_.entity where is_.value is distinct from was_.value`;
    yield* entries(reading.duckdb, view, sql);
  }
}

function hashesOf(files: readonly Partition[] = []): string {
  return files.map(({ sha256 }) => sha256).join(" ");
}

async function tableOf(cache: FileCache, files: readonly Partition[] = []): Promise<string> {
  if (files.length === 0) return "(select ''::varchar as entity, ''::blob as value where false)";
  return parquetTable(await cache.localPaths(files));
}

/** @param sql entity, value, and whether it is gone */
async function* entries(
  duckdb: DuckDb,
  view: string,
  sql: string,
): AsyncGenerator<{ changed: OnlineEntry[]; gone: OnlineKey[] }> {
  for await (const chunk of streamChunks(duckdb, sql)) {
    const changed: OnlineEntry[] = [];
    const gone: OnlineKey[] = [];
    for (const [entity, value, isGone] of chunk.getRows()) {
      const key = { view, entity: String(entity) };
      if (isGone === true) gone.push(key);
      else if (value instanceof duckdb.api.DuckDBBlobValue) changed.push({ ...key, value: value.bytes });
    }
    yield { changed, gone };
  }
}
