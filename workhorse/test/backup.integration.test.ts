import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBackup } from "../src/backup/create-backup.ts";
import { restoreBackup } from "../src/backup/restore-backup.ts";
import { findBackup, listBackups } from "../src/backup/stored-backups.ts";
import { takeBackup } from "../src/backup/take-backup.ts";
import { backupContext, fillEveryTable, storeModels, tickingClock } from "./backup-harness.ts";

const serverUrl = serverSetting("DATABASE_URL") ?? "";
const bucketUrl = serverSetting("OBJECT_STORE_URL") ?? "";
const log = createLogger("test", "silent");

describe.skipIf(serverUrl === "" || bucketUrl === "")("a backup in S3", () => {
  const root = mkdtempSync(join(tmpdir(), "marquee-backup-s3-"));
  const made: Database[] = [];
  const names: string[] = [];
  let embedded: EmbeddedPostgres;
  let admins: { server: Database; embedded: Database };
  let store: ObjectStore;
  beforeAll(async () => {
    embedded = await startEmbeddedPostgres({ folder: join(root, "postgres"), log });
    admins = {
      server: connectDatabase({ url: serverUrl, log }),
      embedded: connectDatabase({ url: embedded.url, log }),
    };
    store = await openObjectStore({
      url: `${bucketUrl}/test-${randomBytes(6).toString("hex")}`,
      endpoint: process.env.S3_ENDPOINT,
    });
  });
  afterAll(async () => {
    for (const database of made) await database.close();
    for (const name of names) await admins.server.execute(`drop database if exists ${name} with (force)`);
    for await (const { key } of store.list("")) await store.remove(key);
    await Promise.all([admins.server.close(), admins.embedded.close()]);
    await embedded.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function emptyDatabase(on: "server" | "embedded"): Promise<Database> {
    const name = `test_${randomBytes(6).toString("hex")}`;
    await admins[on].execute(`create database ${name}`);
    if (on === "server") names.push(name);
    const database = connectDatabase({ url: withDatabase(on === "server" ? serverUrl : embedded.url, name), log });
    made.push(database);
    return database;
  }
  const on = (database: Database, folder: string) => {
    const context = backupContext(database, join(root, folder));
    return { ...context, backups: { ...context.backups, store } };
  };

  it("goes from the server's PostgreSQL to the embedded one and back, and every table keeps its hash", async () => {
    const first = await emptyDatabase("server");
    await migrate(first, log);
    await fillEveryTable(first);
    const context = on(first, "first");
    await storeModels(context.objectStore);
    const taken = await createBackup(context);
    const second = await emptyDatabase("embedded");
    const there = await restoreBackup(on(second, "second"), await findBackup(store, taken.name));
    const again = await createBackup(on(second, "second"));
    expect(again.postgresVersion).not.toBe(taken.postgresVersion);
    const third = await emptyDatabase("server");
    const back = await restoreBackup(on(third, "third"), again);
    const hashes = taken.tables.map(({ name, rows, sha256 }) => ({ name, rows, sha256 }));
    expect(there.tables).toEqual(hashes);
    expect(back.tables).toEqual(hashes);
    expect([there.modelFiles, back.modelFiles]).toEqual([10, 10]);
  });

  it("is removed from the bucket once it is not to be kept", async () => {
    const database = await emptyDatabase("server");
    await migrate(database, log);
    const context = { ...on(database, "kept"), clock: tickingClock("2026-11-29T03:30:00Z") };
    context.backups.keep = { daily: 0, weekly: 0, monthly: 0 };
    const { manifest } = await takeBackup(context);
    expect((await listBackups(store)).map(({ name }) => name)).toEqual([manifest.name]);
    expect(await Array.fromAsync(store.list("backups/models/"))).toEqual([]);
  });
});
