import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDatabase, type Database } from "../src/backing/postgres/database.ts";
import { dumpSchema } from "../src/backing/postgres/dump-schema.ts";
import { migrate } from "../src/backing/postgres/migrate.ts";
import { createLogger } from "../src/service/logger.ts";
import { withDatabase } from "../src/testing/embedded-setup.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const log = createLogger("test", "silent");
const url = serverSetting("DATABASE_URL") ?? "";

describe.skipIf(url === "")("the schema, on a PostgreSQL of one's own", () => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  let admin: Database;
  let database: Database;
  beforeAll(async () => {
    admin = connectDatabase({ url, log, maxConnections: 1 });
    await admin.execute(`create database ${name}`);
    database = connectDatabase({ url: withDatabase(url, name), log });
  });
  afterAll(async () => {
    await database.close();
    await admin.execute(`drop database ${name} with (force)`);
    await admin.close();
  });

  it("is the committed one, migrated from nothing, and has nothing to migrate after", async () => {
    const [server] = await database.query<{ major: number }>(
      "select current_setting('server_version_num')::int / 10000 as major",
    );
    expect(server?.major).toBeGreaterThanOrEqual(15);
    expect(await migrate(database, log)).toContain("0001_catalog");
    expect(await dumpSchema(database)).toBe(readFileSync(new URL("../migrations/schema.sql", import.meta.url), "utf8"));
    expect(await migrate(database, log)).toEqual([]);
  });
});
