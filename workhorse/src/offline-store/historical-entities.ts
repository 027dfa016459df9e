import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { type DuckDb, explainDuckDbError, isOutOfMemory, sqlName, sqlPath } from "./duckdb.ts";

/** For which entities, as of when. Equally long. */
export interface EntityRows {
  ids: ArrayLike<number>;
  /** Milliseconds since 1970. */
  asOf: ArrayLike<number>;
}

/** The table that entities are brought into, and its own columns; what else it has is handed through. */
export const ENTITIES = "entities";
export const PLACE = "__place";
export const ID = "__id";
/** Milliseconds since 1970, whole: a row's event time is, too. */
export const AS_OF = "__as_of";
/** What the join adds: the same as a moment, and that of the row that was found. */
export const MOMENT = "__moment";
export const FOUND = "__found";
const OWN_COLUMNS = [PLACE, ID, AS_OF, MOMENT, FOUND];

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

/** A column of a file of entities. */
export interface EntityColumn {
  name: string;
  /** Of a key or a moment that is text in the file: what it says, as SQL over the staged table `e`. */
  typed?: string;
}

/** Brings a file's rows in, with its other columns. @returns its columns, the key and the moment among them */
export async function stageEntityFile({ connection, joinKey }: Staging, path: string): Promise<EntityColumn[]> {
  const source = tableOfFile(path);
  const types = await typesOf(connection, path, source);
  const columns = [...types.keys()];
  const time = TIME_COLUMNS.find((name) => columns.includes(name));
  if (!columns.includes(joinKey) || time === undefined) {
    throw invalid(
      `${path} has the columns ${columns.join(", ")}; accepted is a file with ${joinKey} and ${TIME_COLUMNS.join(" or ")}.`,
    );
  }
  const own = columns.find((name) => OWN_COLUMNS.includes(name.toLowerCase()));
  if (own) throw invalid(`${path} has a column ${own}, as the join calls one of its own; give it another name.`);
  const key = sqlName(joinKey);
  // Half a number would be rounded to an entity that nobody asked for.
  const id = `case when try_cast(${key} as double) % 1 = 0 then try_cast(${key} as integer) end`;
  const stage = `create temp table ${ENTITIES} as
    select (row_number() over () - 1)::integer as ${PLACE}, ${id} as ${ID},
      floor(epoch_us(try_cast(${sqlName(time)} as timestamptz)) / 1000) as ${AS_OF}, * from ${source}`;
  await connection.run(stage).catch((error: unknown) => Promise.reject(unreadable(path, error)));
  const rows = await connection.runAndReadAll(
    `select ${PLACE}, ${ID}, ${key}::varchar, ${sqlName(time)}::varchar from ${ENTITIES}
     where ${ID} is null or ${ID} < 0 or ${AS_OF} is null order by ${PLACE} limit 1`,
  );
  const [bad] = rows.getRows();
  if (bad) {
    const [place, staged, given, moment] = bad;
    const where = `row ${Number(place) + 1} of ${path}`;
    throw staged === null || Number(staged) < 0
      ? badId(where, joinKey, String(given))
      : badMoment(where, String(moment));
  }
  const typed = new Map([
    [joinKey, `e.${ID}::bigint`],
    [time, `try_cast(e.${sqlName(time)} as timestamptz)`],
  ]);
  return [...types].map(([name, type]) => {
    const value = type === "VARCHAR" ? typed.get(name) : undefined;
    return { name, ...(value === undefined ? {} : { typed: value }) };
  });
}

/** All of a CSV file is text until it is looked at, so that what is handed through stays as it was. */
function tableOfFile(path: string): string {
  const isParquet = /\.parquet$/i.test(path);
  if (!isParquet && !/\.csv$/i.test(path)) {
    throw invalid(`${path} is neither a .parquet nor a .csv file; accepted are these two.`);
  }
  if (!existsSync(path)) throw invalid(`${path} is not there.`);
  // A folder called a=b is no column, and s3:// no other place: it is one file of this machine.
  const file = `${sqlPath(resolve(path))}, hive_partitioning = false`;
  return isParquet ? `read_parquet(${file})` : `read_csv(${file}, header = true, all_varchar = true)`;
}

/** By the name of a column, in their order: its type. */
async function typesOf(connection: DuckDBConnection, path: string, source: string): Promise<Map<string, string>> {
  try {
    const described = await connection.runAndReadAll(`describe select * from ${source}`);
    return new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What DuckDB says of the file in the table's words; what it says of the machine as that is. */
function unreadable(path: string, error: unknown): unknown {
  const explained = explainDuckDbError(error);
  const [reason = ""] = errorMessage(error).split("\n");
  if (explained !== error || isOutOfMemory(error)) return explained;
  return new MarqueeError("REQUEST_INVALID", `${path} cannot be read: ${reason}`, { cause: error });
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
