import { randomBytes } from "node:crypto";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { createLogger } from "@marquee/shared/service/logger";

const log = createLogger("bench", "error", process.stderr);

/** A database of a benchmark's own on a server that has others. */
export interface OwnDatabase {
  name: string;
  url: string;
  drop(): Promise<void>;
}

/** The same server's database of this name. */
export function inDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** @param migrated with the product's schema, else empty */
export async function createOwnDatabase(serverUrl: string, { migrated }: { migrated: boolean }): Promise<OwnDatabase> {
  const name = `marquee_bench_${randomBytes(6).toString("hex")}`;
  const url = inDatabase(serverUrl, name);
  await execute(serverUrl, `create database ${name} template template0`);
  if (migrated) {
    const database = connectDatabase({ url, log, maxConnections: 1 });
    await migrate(database, log).finally(() => database.close());
  }
  return { name, url, drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`) };
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
  const database = connectDatabase({ url, log, maxConnections: 1 });
  await database.execute(sql).finally(() => database.close());
}

/** Rows of a table. */
export async function countRows(url: string, table: string): Promise<number> {
  const database = connectDatabase({ url, log, maxConnections: 1 });
  const [row] = await database
    .query<{ rows: number }>(`select count(*)::integer as rows from ${table}`)
    .finally(() => database.close());
  return row?.rows ?? 0;
}
