import { stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { DatasetManifest } from "./dataset-manifest.ts";
import { explainDuckDbError, parquetTable, sqlName, sqlText } from "./duckdb.ts";
import { resolveFeatures, type ServiceViews, type WantedColumn } from "./feature-references.ts";
import {
  AS_OF,
  ENTITIES,
  type EntityRows,
  FOUND,
  ID,
  MOMENT,
  PLACE,
  stageEntityFile,
  stageEntityRows,
} from "./historical-entities.ts";
import type { LocalDataset } from "./open-dataset.ts";

export interface HistoricalRequest<Entities> {
  entities: Entities;
  /** `view:column`, or a `view` for all of its columns; `view@2` for a version, else the newest one. */
  features: readonly string[];
  /** Whose names `features` may have, too. */
  services?: ServiceViews;
}

/** Columns by name, each as long as the entities and in their order; NaN where there was no row yet, or the value is not known. */
export type HistoricalColumns = ReadonlyMap<string, Float64Array>;

/**
 * Features as they stood: for each entity and moment the newest row of that entity that is not later, where the view's
 * window reaches so far back. One point-in-time join, however many views.
 * @throws FEATURE_UNKNOWN naming what there is; REQUEST_INVALID naming the row and what is accepted
 */
export async function historicalFeatures(
  dataset: LocalDataset,
  { entities, features, services }: HistoricalRequest<EntityRows>,
): Promise<HistoricalColumns> {
  const wanted = resolveFeatures(dataset.manifest.views, features, services);
  const columns = wanted.map(({ name }) => ({ name, values: new Float64Array(entities.ids.length).fill(Number.NaN) }));
  await withConnection(dataset, async ({ connection, api, paths }) => {
    await stageEntityRows({ api, connection, joinKey: dataset.manifest.entity.joinKey }, entities);
    const selected = wanted.map((column) => `coalesce(${asOfSql(column)}::double, 'nan'::double)`);
    const sql = joinSql(dataset.manifest, paths, wanted, [`e.${PLACE}`, ...selected]);
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      scatter(chunk, columns);
    }
  });
  return new Map(columns.map(({ name, values }) => [name, values]));
}

/** Puts a chunk's values where their entities stand; its first column says where that is. Two million values: plain loops. */
function scatter(chunk: DuckDBDataChunk, columns: readonly { values: Float64Array }[]): void {
  const rows = chunk.rowCount;
  const vector = chunk.getColumnVector(0);
  const places = new Int32Array(rows);
  for (let row = 0; row < rows; row++) places[row] = Number(vector.getItem(row));
  columns.forEach(({ values }, i) => {
    const column = chunk.getColumnVector(1 + i);
    for (let row = 0; row < rows; row++) {
      const value = column.getItem(row);
      if (typeof value === "number" && !Number.isNaN(value)) values[places[row] ?? 0] = value;
    }
  });
}

/**
 * The same from a file of entities (.csv or .parquet; the join key, `event_timestamp` or `as_of`, any others) to a file
 * with its rows, in their order, and the features behind its columns; unknown values are empty. A key and a moment that
 * are text, as a CSV file's, become int64 and a timestamp in a Parquet file.
 * @returns rows and columns of features
 */
export async function historicalFile(
  dataset: LocalDataset,
  { entities, features, services, out }: HistoricalRequest<string> & { out: string },
): Promise<{ rows: number; columns: number }> {
  const wanted = resolveFeatures(dataset.manifest.views, features, services);
  const format = formatOf(out);
  if (await isSameFile(entities, out)) {
    throw new MarqueeError(
      "REQUEST_INVALID",
      `${out} is the file of entities itself; accepted is another one to write to.`,
    );
  }
  return withConnection(dataset, async ({ connection, api, paths }) => {
    const { joinKey } = dataset.manifest.entity;
    const given = await stageEntityFile({ api, connection, joinKey }, entities);
    // DuckDB's names have no case: of two that differ in nothing else it would call the second another way.
    const taken = new Set(given.map(({ name }) => name.toLowerCase()));
    const twice = wanted.find(({ name }) => taken.has(name.toLowerCase()));
    if (twice) {
      throw new MarqueeError(
        "REQUEST_INVALID",
        `${entities} has a column ${twice.name} already; leave it out, or the feature.`,
      );
    }
    const selected = [
      ...given.map(({ name, typed }) => `${(isParquet(out) && typed) || `e.${sqlName(name)}`} as ${sqlName(name)}`),
      ...wanted.map((column) => `${asOfSql(column)} as ${sqlName(column.name)}`),
    ];
    const sql = `${joinSql(dataset.manifest, paths, wanted, selected)} order by e.${PLACE}`;
    const copied = connection.run(`copy (${sql}) to ${sqlText(resolve(out))} (${format})`);
    const { rowsChanged } = await copied.catch((error: unknown) => Promise.reject(unwritable(out, error)));
    return { rows: rowsChanged, columns: wanted.length };
  });
}

function unwritable(path: string, error: unknown): unknown {
  const [, reason] = errorMessage(error).split(`Cannot open file "${resolve(path)}": `);
  if (reason === undefined) return error;
  return new MarqueeError("REQUEST_INVALID", `${path} cannot be written: ${reason}.`, { cause: error });
}

/** Whatever they are called: a link is the file that it leads to. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function isParquet(path: string): boolean {
  return extname(path).toLowerCase() === ".parquet";
}

function formatOf(path: string): string {
  if (isParquet(path)) return "format parquet, compression zstd";
  if (extname(path).toLowerCase() === ".csv") return "format csv, header";
  throw new MarqueeError("REQUEST_INVALID", `${path} is neither a .parquet nor a .csv file; accepted are these two.`);
}

/** A column's value where its view's window reaches back to the row; both ends of the window count. */
function asOfSql({ name, view }: WantedColumn): string {
  const column = `f.${sqlName(name)}`;
  const { joinWindowSeconds } = view;
  if (joinWindowSeconds === undefined) return column;
  return `case when f.event_time >= e.${MOMENT} - interval '${joinWindowSeconds} seconds' then ${column} end`;
}

/**
 * All views of a dataset lie in one wide table, so it is one point-in-time join. It finds each entity's row by its key
 * alone, and the wanted columns are fetched for the rows that were found: sorting their values along took half as long
 * again on 20 columns.
 */
function joinSql(
  { entity }: DatasetManifest,
  paths: readonly string[],
  wanted: readonly WantedColumn[],
  selected: readonly string[],
): string {
  const names = wanted.map(({ name }) => sqlName(name));
  const key = sqlName(entity.joinKey);
  const none = `(select 0 as ${key}, now() as event_time, ${names.map((name) => `null::double as ${name}`).join(", ")} where false)`;
  const rows = paths.length > 0 ? parquetTable(paths) : none;
  return `select ${selected.join(", ")} from (
      select asked.*, r.event_time as ${FOUND} from (
        select *, make_timestamp((${AS_OF} * 1000)::bigint)::timestamptz as ${MOMENT} from ${ENTITIES}
      ) asked asof left join (select ${key}, event_time from ${rows}) r on asked.${ID} = r.${key} and asked.${MOMENT} >= r.event_time
    ) e left join ${rows} f on e.${ID} = f.${key} and e.${FOUND} = f.event_time`;
}

async function withConnection<T>(
  dataset: LocalDataset,
  work: (context: {
    connection: DuckDBConnection;
    api: Awaited<ReturnType<LocalDataset["query"]>>["duckdb"]["api"];
    paths: string[];
  }) => Promise<T>,
): Promise<T> {
  const { duckdb, paths } = await dataset.query();
  const connection = await duckdb.connect();
  try {
    return await work({ connection, api: duckdb.api, paths });
  } catch (error) {
    throw explainDuckDbError(error);
  } finally {
    connection.closeSync();
  }
}
