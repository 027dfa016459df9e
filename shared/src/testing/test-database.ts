import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { connectDatabase, type Database } from "../backing/postgres/database.ts";
import { createLogger } from "../service/logger.ts";
import { TEMPLATE_DATABASE, withDatabase } from "./embedded-setup.ts";

export interface TestDatabase extends Database {
  readonly url: string;
  /** Closes the connections and drops the database, whoever else is connected to it. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Without the product's schema. */
  empty?: boolean;
}

/**
 * A database of its own for a test file, migrated, in the run's embedded PostgreSQL. Close it when done:
 *
 *   const database = await createTestDatabase();
 *   afterAll(() => database.close());
 */
export async function createTestDatabase({ empty = false }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const adminUrl = inject("embeddedPostgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin(adminUrl, `create database ${name} template ${empty ? "template0" : TEMPLATE_DATABASE}`);
  const url = withDatabase(adminUrl, name);
  const database = connectDatabase({ url, log: createLogger("test", "warn") });
  return {
    ...database,
    url,
    close: async () => {
      await database.close();
      await asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const admin = connectDatabase({ url, log: createLogger("test", "warn"), maxConnections: 1 });
  try {
    await admin.execute(sql);
  } finally {
    await admin.close();
  }
}
