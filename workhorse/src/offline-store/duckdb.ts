import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";

/** Of one open dataset or one write; what does not fit goes to the disk, in megabytes. */
const MEMORY_LIMIT_MB = 1_024;

export interface OpenDuckDbOptions {
  /** Where DuckDB puts what does not fit into its memory; removed by whoever made it. */
  spillFolder: string;
  /** As many as there are processors unless given. */
  threads?: number;
}

/** DuckDB within this process, without a file of its own. */
export interface DuckDb {
  api: typeof import("@duckdb/node-api");
  /** A connection of one's own: a result that is still being read ends with the connection's next statement. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/** The library takes 70 MB and a tenth of a second to load: only who reads or writes datasets pays for it. */
export async function openDuckDb({ spillFolder, threads }: OpenDuckDbOptions): Promise<DuckDb> {
  const api = await import("@duckdb/node-api");
  const instance = await api.DuckDBInstance.create(":memory:", {
    memory_limit: `${MEMORY_LIMIT_MB}MB`,
    temp_directory: spillFolder,
    // What we need is built in; nothing is ever downloaded.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  const setUp = await instance.connect();
  await setUp.run("set global TimeZone = 'UTC'");
  setUp.closeSync();
  return { api, connect: () => instance.connect(), close: () => instance.closeSync() };
}

/** Reads a query's answer chunk by chunk, as it comes: some 2,000 rows at a time. */
export async function* streamChunks(duckdb: DuckDb, sql: string): AsyncGenerator<DuckDBDataChunk> {
  const connection = await duckdb.connect();
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  } catch (error) {
    throw explainDuckDbError(error);
  } finally {
    connection.closeSync();
  }
}

/** The second is said where it has no room left to put aside what does not fit into its memory. */
const DISK_FULL = /No space left on device|failed to offload data block.*max_temp_directory_size/is;

/** What DuckDB says of the disk in the table's words; anything else is returned as it came. */
export function explainDuckDbError(error: unknown): unknown {
  return DISK_FULL.test(errorMessage(error))
    ? new MarqueeError(
        "DISK_FULL",
        "The disk is full: a feature dataset could not be read or written. Make room and start again.",
        {
          cause: error,
        },
      )
    : error;
}

/** What DuckDB says where its memory does not suffice, even with what it may put aside on the disk. */
export function isOutOfMemory(error: unknown): boolean {
  return errorMessage(error).startsWith("Out of Memory Error");
}

/** Less than by default for all that is still to come: memory in megabytes, and threads. */
export async function limitDuckDb(
  duckdb: DuckDb,
  { memoryMb, threads }: { memoryMb: number; threads: number },
): Promise<void> {
  const connection = await duckdb.connect();
  try {
    await connection.run(`set global memory_limit = '${memoryMb}MB'`);
    await connection.run(`set global threads = ${threads}`);
  } finally {
    connection.closeSync();
  }
}

export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file to read, as a text of SQL: DuckDB takes paths for patterns, in which these characters mean others. */
export function sqlPath(path: string): string {
  return sqlText(path.replace(/[*?[]/g, "[$&]"));
}

/** A table of several Parquet files with the same columns. */
export function parquetTable(paths: readonly string[]): string {
  return `read_parquet([${paths.map(sqlPath).join(", ")}], hive_partitioning = false)`;
}
