import type { DuckDBConnection } from "@duckdb/node-api";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { type DuckDb, sqlName, sqlText } from "./duckdb.ts";

/** For which entities, as of when. Equally long. */
export interface EntityRows {
  ids: ArrayLike<number>;
  /** Milliseconds since 1970. */
  asOf: ArrayLike<number>;
  /** Columns that are handed through to a file, by name. */
  passthrough?: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

/** The table that entities are brought into, and its own columns; what else it has is handed through. */
export const ENTITIES = "entities";
export const PLACE = "__place";
export const ID = "__id";
/** Milliseconds since 1970, whole: a row's event time is, too. */
export const AS_OF = "__as_of";

/** What the column of moments may be called: Feast's name, then ours. */
const TIME_COLUMNS = ["event_timestamp", "as_of"];
const MAX_ID = 2_147_483_647;
/** The last moment that a Date can hold. */
const MAX_MOMENT = 8.64e15;
const CHUNK_ROWS = 2_048;

interface Staging {
  api: DuckDb["api"];
  connection: DuckDBConnection;
  joinKey: string;
}

/** @throws REQUEST_INVALID naming the row and what is accepted */
export async function stageEntityRows(staging: Staging, { ids, asOf }: EntityRows): Promise<number> {
  const { api, connection, joinKey } = staging;
  if (ids.length !== asOf.length) {
    throw invalid(
      `There are ${ids.length} values of ${joinKey} and ${asOf.length} moments; accepted are equally many.`,
    );
  }
  await connection.run(`create temp table ${ENTITIES} (${PLACE} integer, ${ID} integer, ${AS_OF} double)`);
  const appender = await connection.createAppender(ENTITIES);
  const types = [api.INTEGER, api.INTEGER, api.DOUBLE];
  for (let from = 0; from < ids.length; from += CHUNK_ROWS) {
    const size = Math.min(CHUNK_ROWS, ids.length - from);
    const chunk = api.DuckDBDataChunk.create(types, size);
    const vectors = [0, 1, 2].map((column) => chunk.getColumnVector(column));
    for (let i = 0; i < size; i++) {
      const [id, moment] = [ids[from + i], asOf[from + i]];
      if (!isId(id)) throw badId(`row ${from + i + 1}`, joinKey, JSON.stringify(id));
      if (moment === undefined || !(Math.abs(moment) <= MAX_MOMENT))
        throw badMoment(`row ${from + i + 1}`, String(moment));
      vectors[0]?.setItem(i, from + i);
      vectors[1]?.setItem(i, id);
      vectors[2]?.setItem(i, Math.floor(moment));
    }
    for (const vector of vectors) vector.flush();
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  return ids.length;
}

function isId(id: number | undefined): id is number {
  return id !== undefined && Number.isInteger(id) && id >= 0 && id <= MAX_ID;
}

/** Brings a file's rows in, with its other columns. @returns their names, the key and the moment among them */
export async function stageEntityFile({ connection, joinKey }: Staging, path: string): Promise<string[]> {
  const source = tableOfFile(path);
  const columns = await columnsOf(connection, path, source);
  const time = TIME_COLUMNS.find((name) => columns.includes(name));
  if (!columns.includes(joinKey) || time === undefined) {
    throw invalid(
      `${path} has the columns ${columns.join(", ")}; accepted is a file with ${joinKey} and ${TIME_COLUMNS.join(" or ")}.`,
    );
  }
  await connection.run(`create temp table ${ENTITIES} as
    select (row_number() over () - 1)::integer as ${PLACE}, try_cast(${sqlName(joinKey)} as integer) as ${ID},
      floor(epoch_us(try_cast(${sqlName(time)} as timestamptz)) / 1000) as ${AS_OF}, * from ${source}`);
  const rows = await connection.runAndReadAll(
    `select ${PLACE}, ${ID}, ${sqlName(joinKey)}::varchar, ${sqlName(time)}::varchar from ${ENTITIES}
     where ${ID} is null or ${ID} < 0 or ${AS_OF} is null order by ${PLACE} limit 1`,
  );
  const [bad] = rows.getRows();
  if (bad) {
    const [place, id, key, moment] = bad;
    const where = `row ${Number(place) + 1} of ${path}`;
    throw id === null || Number(id) < 0 ? badId(where, joinKey, String(key)) : badMoment(where, String(moment));
  }
  return columns;
}

/** All of a CSV file is text until it is looked at, so that what is handed through stays as it was. */
function tableOfFile(path: string): string {
  if (/\.parquet$/i.test(path)) return `read_parquet(${sqlText(path)})`;
  if (/\.csv$/i.test(path)) return `read_csv(${sqlText(path)}, header = true, all_varchar = true)`;
  throw invalid(`${path} is neither a .parquet nor a .csv file; accepted are these two.`);
}

async function columnsOf(connection: DuckDBConnection, path: string, source: string): Promise<string[]> {
  try {
    const described = await connection.runAndReadAll(`describe select * from ${source}`);
    return described.getRows().map(([name]) => String(name));
  } catch (error) {
    const [reason = ""] = errorMessage(error).split("\n");
    throw new MarqueeError("REQUEST_INVALID", `${path} cannot be read: ${reason}`, { cause: error });
  }
}

function badId(where: string, joinKey: string, value: string): MarqueeError {
  return invalid(`In ${where} ${joinKey} is ${value}; accepted is a whole number from 0 to ${MAX_ID}.`);
}

function badMoment(where: string, value: string): MarqueeError {
  return invalid(`In ${where} the moment is ${value}; accepted is a moment such as 2024-05-01T12:00:00Z, or a day.`);
}

function invalid(message: string): MarqueeError {
  return new MarqueeError("REQUEST_INVALID", message);
}
