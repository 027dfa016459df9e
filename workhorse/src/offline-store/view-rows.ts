import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { ColumnSchema } from "@marquee/shared/features/feature-view";
import type { DatasetManifest, DatasetView } from "./dataset-manifest.ts";
import { parquetTable, sqlName } from "./duckdb.ts";
import type { EntityRow, TimeRange } from "./offline-store.ts";

type Column = Pick<ColumnSchema, "name" | "type">;

/** A column as it comes out of DuckDB: a double, NaN where unknown, since a null costs ten times as much to read. */
export function valueSql({ name, type }: Column, table: string): string {
  const column = `${table}.${sqlName(name)}`;
  return `coalesce(${type === "bool" ? `${column}::double` : column}, 'nan'::double)`;
}

/** Event time in milliseconds since 1970. */
export function msSql(column: string): string {
  return `(epoch_us(${column}) / 1000)::double`;
}

/** The newest row of each entity whose newest is of the range: `id`, `event_time` and the columns. */
export function latestSql(
  {
    entity,
    paths,
    columns,
  }: { entity: DatasetManifest["entity"]; paths: readonly string[]; columns: readonly Column[] },
  { from, to }: TimeRange = {},
): string {
  const id = sqlName(entity.joinKey);
  const limits = [
    ...(from === undefined ? [] : [`event_time >= '${from.toISOString()}'`]),
    ...(to === undefined ? [] : [`event_time < '${to.toISOString()}'`]),
  ];
  const where = limits.length === 0 ? "" : `where ${limits.join(" and ")}`;
  const table = parquetTable(paths);
  const names = columns.map(({ name }) => `, r.${sqlName(name)}`).join("");
  return `select r.${id} as id, r.event_time${names} from ${table} r
    join (select ${id}, max(event_time) as event_time from ${table} group by all) latest using (${id}, event_time) ${where}`;
}

/** What makes two rows of a view different in any bit: NaN is null here, and -0 equals 0 unless one asks for its sign. */
export function differsSql(columns: readonly Column[], [one, other]: readonly [string, string]): string {
  const tests = columns.flatMap(({ name, type }) => {
    const [a, b] = [`${one}.${sqlName(name)}`, `${other}.${sqlName(name)}`];
    return [`${a} is distinct from ${b}`, ...(type === "bool" ? [] : [`signbit(${a}) <> signbit(${b})`])];
  });
  return [`${one}.event_time is distinct from ${other}.event_time`, ...tests].join(" or ");
}

/** Rows whose columns are id, event time in milliseconds, then the view's from `firstValue` on. */
export function entityRows(chunk: DuckDBDataChunk, width: number, firstValue = 2): EntityRow[] {
  const values = wideValues(chunk, width, firstValue);
  const [ids, times] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
  return Array.from({ length: chunk.rowCount }, (_, row) => ({
    id: Number(ids.getItem(row)),
    eventTime: Number(times.getItem(row)),
    values: values.subarray(row * width, (row + 1) * width),
  }));
}

/** Columns of doubles, row after row; every NaN the same one. */
export function wideValues(chunk: DuckDBDataChunk, width: number, firstValue: number): Float64Array {
  const rows = chunk.rowCount;
  const values = new Float64Array(rows * width);
  for (let column = 0; column < width; column++) {
    const vector = chunk.getColumnVector(firstValue + column);
    for (let row = 0; row < rows; row++) {
      const value = vector.getItem(row);
      values[row * width + column] = typeof value === "number" && !Number.isNaN(value) ? value : Number.NaN;
    }
  }
  return values;
}

/** The dataset's view of the same name and version, with the columns of `view`; undefined where there is none. */
export function sameView(
  { views }: Pick<DatasetManifest, "views">,
  { name, version, columns }: { name: string; version: number; columns: readonly Column[] },
): DatasetView | undefined {
  const text = (of: readonly Column[]) => of.map((column) => `${column.name} ${column.type}`).join("\n");
  return views.find((view) => view.name === name && view.version === version && text(view.columns) === text(columns));
}
