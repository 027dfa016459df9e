import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { type CalendarDate, calendarDate, type EpochDay } from "@marquee/shared/contracts/time";
import { hashStream } from "../archive/hash-stream.ts";
import {
  type DatasetManifest,
  datasetEntity,
  datasetHash,
  fileKey,
  manifestKey,
  type Partition,
} from "./dataset-manifest.ts";
import { explainDuckDbError, openDuckDb, sqlName, sqlText } from "./duckdb.ts";
import type { FileCache } from "./file-cache.ts";
import type { DatasetContent } from "./offline-store.ts";
import { columnsOf, invalid, STAGED_ENTRIES, STAGED_ROWS, stageEntries, stageRows } from "./stage-dataset.ts";

const MS_PER_DAY = 24 * 60 * 60 * 1000;

export interface WriteContext {
  objectStore: ObjectStore;
  cache: FileCache;
}

interface Writing extends WriteContext {
  connection: DuckDBConnection;
  folder: string;
}

/** Files first, each under its hash, the manifest last: who is killed leaves no dataset. */
export async function writeDataset(
  context: WriteContext,
  content: DatasetContent,
): Promise<{ hash: string; manifest: DatasetManifest }> {
  const folder = await context.cache.makeScratch();
  // One thread: the bytes of a file, which are its name, then do not depend on the machine.
  const duckdb = await openDuckDb({ spillFolder: join(folder, "spill"), threads: 1 });
  try {
    const connection = await duckdb.connect();
    const rows = await stageRows({ api: duckdb.api, connection }, content);
    await stageEntries({ api: duckdb.api, connection }, content.online);
    const writing = { ...context, connection, folder };
    const manifest: DatasetManifest = {
      format: 1,
      ...describe(content),
      rows,
      ...(await timeRange(connection)),
      rowFiles: await writeRowFiles(writing, content),
      onlineFiles: await writeOnlineFiles(writing),
    };
    const hash = datasetHash(manifest);
    // Built again it is the same but for the moment, which is the latest one's.
    await context.objectStore.put(manifestKey(hash), `${JSON.stringify(manifest, null, 1)}\n`);
    return { hash, manifest };
  } catch (error) {
    throw explainDuckDbError(error);
  } finally {
    duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function describe({
  builtAt,
  asOf,
  catalogHash,
  archiveHash,
  maturityDays,
  viewsHash,
  views,
  entity,
}: DatasetContent): Omit<DatasetManifest, "format" | "rows" | "timeRange" | "rowFiles" | "onlineFiles"> {
  return { builtAt, asOf, catalogHash, archiveHash, maturityDays, viewsHash, views, entity: datasetEntity(entity) };
}

async function timeRange(connection: DuckDBConnection): Promise<Pick<DatasetManifest, "timeRange">> {
  const [from, to] = await firstRow(connection, `select min(event_ms), max(event_ms) from ${STAGED_ROWS}`);
  if (typeof from !== "number" || typeof to !== "number") return {};
  return { timeRange: { from: dayOfMs(from), to: dayOfMs(to) } };
}

function dayOfMs(ms: number): CalendarDate {
  return calendarDate(Math.floor(ms / MS_PER_DAY) as EpochDay);
}

async function writeRowFiles(writing: Writing, content: DatasetContent): Promise<Partition[]> {
  const { connection } = writing;
  const { joinKey } = content.entity;
  const [id, eventMs] = await firstRow(
    connection,
    `select id, event_ms from ${STAGED_ROWS} group by all having count(*) > 1 order by all limit 1`,
  );
  if (id !== undefined) {
    throw invalid(`The dataset has two rows of ${joinKey} ${id} at ${new Date(Number(eventMs)).toISOString()}.`);
  }
  const decade = `(year(${timeOf("event_ms")}) // 10 * 10)::integer`;
  const values = columnsOf(content).map(({ name, type }) => {
    const column = sqlName(name);
    return `case when isnan(${column}) then null else ${type === "bool" ? `${column} <> 0` : column} end as ${column}`;
  });
  const selected = [`id as ${sqlName(joinKey)}`, `${timeOf("event_ms")}::timestamptz as event_time`, ...values];
  const files: Partition[] = [];
  for (const start of await firstColumn(
    connection,
    `select distinct ${decade} as decade from ${STAGED_ROWS} order by 1`,
  )) {
    files.push(
      await writeFile(writing, {
        partition: `${start}s`,
        select: `select ${selected.join(", ")} from ${STAGED_ROWS} where ${decade} = ${start} order by id, event_ms`,
        // In a dictionary -0 would become 0, or 0 -0, whichever comes first.
        options: "dictionary_size_limit 0",
      }),
    );
  }
  return files;
}

function timeOf(column: string): string {
  return `make_timestamp((${column} * 1000)::bigint)`;
}

async function writeOnlineFiles(writing: Writing): Promise<Partition[]> {
  const { connection } = writing;
  const [twice, entity] = await firstRow(
    connection,
    `select view, entity from ${STAGED_ENTRIES} group by all having count(*) > 1 order by all limit 1`,
  );
  if (twice !== undefined) throw invalid(`The dataset has two values of ${entity} in the online view ${twice}.`);
  const files: Partition[] = [];
  for (const view of await firstColumn(connection, `select distinct view from ${STAGED_ENTRIES} order by 1`)) {
    const select = `select view, entity, value from ${STAGED_ENTRIES} where view = ${sqlText(view)} order by entity`;
    files.push(await writeFile(writing, { partition: view, select }));
  }
  return files;
}

/** One Parquet file into the object store, and into the cache: who builds features reads them soon after. */
async function writeFile(
  { connection, folder, objectStore, cache }: Writing,
  { partition, select, options }: { partition: string; select: string; options?: string },
): Promise<Partition> {
  const path = join(folder, "file.parquet");
  const settings = ["format parquet", "compression zstd", ...(options === undefined ? [] : [options])];
  const { rowsChanged: rows } = await connection.run(`copy (${select}) to ${sqlText(path)} (${settings.join(", ")})`);
  const { hash, bytes } = await hashStream(createReadStream(path));
  const key = fileKey(hash);
  await objectStore.put(key, bytesOf(path), { ifAbsent: true });
  await cache.adopt(path, hash);
  return { key, sha256: hash, bytes, rows, partition };
}

/** Opened when it is first read, which it is not where the object is there already. */
async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

async function firstRow(connection: DuckDBConnection, sql: string): Promise<readonly unknown[]> {
  return (await connection.runAndReadAll(sql)).getRows()[0] ?? [];
}

async function firstColumn(connection: DuckDBConnection, sql: string): Promise<string[]> {
  return (await connection.runAndReadAll(sql)).getRows().map(([value]) => String(value));
}
