import type { DuckDBConnection } from "@duckdb/node-api";
import { MarqueeError } from "@marquee/shared/service/errors";
import { type DuckDb, sqlName } from "./duckdb.ts";
import type { DatasetContent, OnlineEntry, RowBatch } from "./offline-store.ts";

/** Values go in as they are, unknown ones as NaN: DuckDB's own "null" costs ten times as much to set from here. */
export const STAGED_ROWS = "staged_rows";
export const STAGED_ENTRIES = "staged_entries";
/** Rows that DuckDB takes at a time. */
const CHUNK_ROWS = 2_048;

interface StagedColumn {
  name: string;
  type: "float64" | "bool";
}

/** All columns of all views, in their order. @throws FEATURE_ROW_INVALID where two have one name */
export function columnsOf({ views }: Pick<DatasetContent, "views">): StagedColumn[] {
  const columns = views.flatMap((view) => view.columns);
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw invalid(`Two columns of a dataset are called ${name}. Give one of them another name.`);
    seen.add(name);
  }
  return columns;
}

/** Brings all rows into a table of DuckDB: `id`, `event_ms`, and a double for each column. @returns how many they are */
export async function stageRows(
  { api, connection }: { api: DuckDb["api"]; connection: DuckDBConnection },
  { rows, views, entity }: Pick<DatasetContent, "rows" | "views" | "entity">,
): Promise<number> {
  const columns = columnsOf({ views });
  const definitions = columns.map(({ name }) => `, ${sqlName(name)} double`).join("");
  await connection.run(`create table ${STAGED_ROWS} (id integer, event_ms double${definitions})`);
  const appender = await connection.createAppender(STAGED_ROWS);
  const types = [api.INTEGER, api.DOUBLE, ...columns.map(() => api.DOUBLE)];
  // One for all rows: what a chunk holds outside of JavaScript's memory is freed late.
  const chunk = api.DuckDBDataChunk.create(types);
  let count = 0;
  for await (const batch of rows) {
    checkBatch(batch, columns, entity.joinKey);
    for (let from = 0; from < batch.ids.length; from += CHUNK_ROWS) {
      chunk.reset();
      chunk.rowCount = Math.min(CHUNK_ROWS, batch.ids.length - from);
      fill(chunk, batch, from);
      appender.appendDataChunk(chunk);
    }
    count += batch.ids.length;
  }
  appender.closeSync();
  return count;
}

function fill(
  chunk: InstanceType<DuckDb["api"]["DuckDBDataChunk"]>,
  { ids, eventTimes, values }: RowBatch,
  from: number,
): void {
  const size = chunk.rowCount;
  const width = values.length / ids.length;
  const set = (column: number, valueAt: (row: number) => number | undefined) => {
    const vector = chunk.getColumnVector(column);
    for (let row = 0; row < size; row++) vector.setItem(row, valueAt(from + row) ?? null);
    vector.flush();
  };
  set(0, (row) => ids[row]);
  set(1, (row) => eventTimes[row]);
  for (let column = 0; column < width; column++) set(2 + column, (row) => values[row * width + column]);
}

function checkBatch({ ids, eventTimes, values }: RowBatch, columns: readonly StagedColumn[], joinKey: string): void {
  const width = columns.length;
  if (eventTimes.length !== ids.length || values.length !== ids.length * width) {
    throw invalid(
      `A batch of ${ids.length} rows has ${eventTimes.length} event times and ${values.length} values where ${width} columns take ${ids.length * width}.`,
    );
  }
  const bools = columns.flatMap(({ name, type }, i) => (type === "bool" ? [{ name, i }] : []));
  for (let row = 0; row < ids.length; row++) {
    const [id, eventTime] = [ids[row], eventTimes[row]];
    if (!Number.isSafeInteger(eventTime)) {
      throw invalid(
        `The row of ${joinKey} ${id} has the event time ${eventTime}, which is no whole number of milliseconds.`,
      );
    }
    for (const { name, i } of bools) {
      const value = values[row * width + i] ?? Number.NaN;
      if (value !== 0 && value !== 1 && !Number.isNaN(value)) {
        throw invalid(
          `The row of ${joinKey} ${id} has ${value} in the column ${name}, which takes 0, 1 and NaN alone.`,
        );
      }
    }
  }
}

/** Brings what lies online into a table of DuckDB: `view`, `entity`, `value`. */
export async function stageEntries(
  { api, connection }: { api: DuckDb["api"]; connection: DuckDBConnection },
  batches: DatasetContent["online"],
): Promise<void> {
  await connection.run(`create table ${STAGED_ENTRIES} (view varchar, entity varchar, value blob)`);
  const appender = await connection.createAppender(STAGED_ENTRIES);
  const chunk = api.DuckDBDataChunk.create([api.VARCHAR, api.VARCHAR, api.BLOB]);
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += CHUNK_ROWS) {
      const part: OnlineEntry[] = batch.slice(from, from + CHUNK_ROWS);
      chunk.reset();
      chunk.setColumns([
        part.map(({ view }) => view),
        part.map(({ entity }) => entity),
        part.map(({ value }) => new api.DuckDBBlobValue(value)),
      ]);
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}

export function invalid(message: string): MarqueeError {
  return new MarqueeError("FEATURE_ROW_INVALID", message);
}
