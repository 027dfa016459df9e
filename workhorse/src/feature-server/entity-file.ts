import { type DuckDb, sqlName, sqlText } from "../offline-store/duckdb.ts";
import { type HistoricalQuestion, type PassedValue, TIME_COLUMN } from "./historical-request.ts";

const CHUNK_ROWS = 2_048;

/** Writes the entities of a question to a Parquet file: their columns in the types of their values, moments in UTC. */
export async function writeEntityFile(
  duckdb: DuckDb,
  { given, asOf }: HistoricalQuestion,
  path: string,
): Promise<void> {
  const { api } = duckdb;
  const columns = Object.entries(given).map(([name, values]) =>
    name === TIME_COLUMN
      ? {
          name,
          type: api.TIMESTAMPTZ,
          value: (i: number) => new api.DuckDBTimestampTZValue(BigInt(asOf[i] ?? 0) * 1_000n),
        }
      : { name, ...columnOf(api, values) },
  );
  const connection = await duckdb.connect();
  try {
    const table = columns.map(({ name, type }) => `${sqlName(name)} ${type}`);
    await connection.run(`create temp table given (${table.join(", ")})`);
    const appender = await connection.createAppender("given");
    for (let from = 0; from < asOf.length; from += CHUNK_ROWS) {
      const size = Math.min(CHUNK_ROWS, asOf.length - from);
      const chunk = api.DuckDBDataChunk.create(
        columns.map(({ type }) => type),
        size,
      );
      for (const [column, { value }] of columns.entries()) {
        chunk.setColumnValues(
          column,
          Array.from({ length: size }, (_, i) => value(from + i)),
        );
      }
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection.run(`copy given to ${sqlText(path)} (format parquet)`);
  } finally {
    connection.closeSync();
  }
}

/** Whole numbers, numbers, truth values; anything else, and what is mixed, as text. */
function columnOf(api: DuckDb["api"], values: readonly PassedValue[]) {
  const known = values.filter((value) => value !== null);
  if (known.every((value) => Number.isSafeInteger(value))) {
    return { type: api.BIGINT, value: (i: number) => mapped(values[i], (value) => BigInt(value as number)) };
  }
  if (known.every((value) => typeof value === "number"))
    return { type: api.DOUBLE, value: (i: number) => values[i] ?? null };
  if (known.every((value) => typeof value === "boolean"))
    return { type: api.BOOLEAN, value: (i: number) => values[i] ?? null };
  return { type: api.VARCHAR, value: (i: number) => mapped(values[i], String) };
}

function mapped<T>(value: PassedValue | undefined, to: (value: PassedValue) => T): T | null {
  return value === undefined || value === null ? null : to(value);
}
