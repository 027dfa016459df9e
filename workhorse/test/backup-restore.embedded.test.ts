import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { migrateWithin } from "@marquee/shared/backing/postgres/migrate";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BackupContext } from "../src/backup/backup-context.ts";
import type { BackupManifest } from "../src/backup/backup-manifest.ts";
import { createBackup } from "../src/backup/create-backup.ts";
import { rehearseRestore, restoreBackup } from "../src/backup/restore-backup.ts";
import { verifyBackup } from "../src/backup/verify-backup.ts";
import { backupContext, fillEveryTable, storeModels } from "./backup-harness.ts";

const root = mkdtempSync(join(tmpdir(), "marquee-restore-"));

let source: TestDatabase;
let target: TestDatabase;
let manifest: BackupManifest;
let store: ObjectStore;
let into: BackupContext;
beforeAll(async () => {
  source = await createTestDatabase();
  await fillEveryTable(source);
  const from = backupContext(source, join(root, "objects"));
  store = from.backups.store;
  await storeModels(from.objectStore);
  manifest = await createBackup(from);
});
beforeEach(async () => {
  target = await createTestDatabase({ empty: true });
  into = {
    ...backupContext(target, join(root, "restored")),
    backups: { store, keep: { daily: 1, weekly: 1, monthly: 1 } },
  };
});
afterEach(async () => {
  await target.close();
  rmSync(join(root, "restored"), { recursive: true, force: true });
});
afterAll(async () => {
  await source.close();
  rmSync(root, { recursive: true, force: true });
});

const tablesIn = async (database: TestDatabase) =>
  (await database.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'"))
    .length;

describe("a damaged backup", () => {
  const keyOf = (table: string) => `backups/${manifest.name}/${table}.copy.gz`;
  const change = async (table: string, from: string, to: string) => {
    const text = gunzipSync(await store.get(keyOf(table))).toString("utf8");
    expect(text).toContain(from);
    await store.put(keyOf(table), gzipSync(text.replace(from, to)));
  };

  it.each([
    ["a file that is missing", "is not there", () => store.remove(keyOf("credits"))],
    [
      "a file that was cut off",
      "cannot be unpacked",
      async () => store.put(keyOf("movies"), (await store.get(keyOf("movies"))).subarray(0, -20)),
    ],
    [
      "a file with a byte that turned",
      "user_events.copy.gz",
      async () => {
        const content = await store.get(keyOf("user_events"));
        content.writeUInt8(content.readUInt8(content.length >> 1) ^ 0x10, content.length >> 1);
        await store.put(keyOf("user_events"), content);
      },
    ],
    ["a value that was changed", "does not have the hash", () => change("predictions", "2026-02-21", "2026-02-20")],
    ["text that no table takes", "does not have the hash", () => change("step_runs", "2026-02-28", "once upon a time")],
    ["rows that are missing", "does not have the hash", () => change("quarantine", "\n", "")],
    [
      "a model that was changed",
      "weights.bin does not have the hash",
      () => store.put(`backups/models/${manifest.models[0]?.sha256}/weights.bin`, "other"),
    ],
  ])("with %s restores nothing, and is found by a look", async (_what, message, damage) => {
    const whole = new Map<string, Buffer>();
    for await (const { key } of store.list("backups/")) whole.set(key, await store.get(key));
    await damage();
    const told = { code: "BACKUP_DAMAGED", message: expect.stringContaining(message) };
    await expect(restoreBackup(into, manifest)).rejects.toMatchObject(told);
    expect(await tablesIn(target)).toBe(0);
    await expect(verifyBackup(into, manifest)).rejects.toMatchObject(told);
    await expect(rehearseRestore(into, manifest)).rejects.toMatchObject(told);
    for (const [key, content] of whole) await store.put(key, content);
  });
});

describe("a restore", () => {
  it("that is rehearsed changes nothing", async () => {
    await rehearseRestore(into, manifest);
    expect(await tablesIn(target)).toBe(0);
    expect(await Array.fromAsync(into.objectStore.list(""))).toEqual([]);
  });

  it("that is stopped in the middle leaves nothing behind", async () => {
    const abort = new AbortController();
    const reason = new DOMException("stopping", "AbortError");
    const onProgress = ({ done }: { done: number }) => done === 10 && abort.abort(reason);
    await expect(restoreBackup({ ...into, signal: abort.signal, onProgress }, manifest)).rejects.toBe(reason);
    expect(await tablesIn(target)).toBe(0);
  });

  it("goes into a database that was migrated and is empty, but not into one with rows, which are named", async () => {
    const migrated = await createTestDatabase();
    const context = { ...into, database: migrated };
    await migrated.execute("insert into people values (1, 'Somebody'); insert into companies values (1, 'A company')");
    const refused = { code: "RESTORE_REFUSED", message: expect.stringContaining("in companies, people.") };
    await expect(restoreBackup(context, manifest)).rejects.toMatchObject(refused);
    await expect(rehearseRestore(context, manifest)).rejects.toMatchObject(refused);
    expect(await migrated.query("select name from people")).toEqual([{ name: "Somebody" }]);
    await migrated.execute("delete from people; delete from companies");
    expect((await restoreBackup(context, manifest)).tables).toHaveLength(manifest.tables.length);
    await migrated.close();
  });

  it("is refused where tasks wait in the queue", async () => {
    await target.execute(
      "create schema pgboss; create table pgboss.job (id uuid); insert into pgboss.job values (null)",
    );
    await expect(restoreBackup(into, manifest)).rejects.toThrow("in pgboss.job.");
  });

  it("of an older schema is migrated on to this release's", async () => {
    const older = await createTestDatabase({ empty: true });
    await older.transaction((tx) => migrateWithin(tx, 7));
    await fillEveryTable(older);
    const taken = await createBackup({ ...backupContext(older, join(root, "older")) });
    expect(taken.migrations).toHaveLength(7);
    await older.close();
    const context = { ...into, backups: { ...into.backups, store: createFileObjectStore(join(root, "older")) } };
    const restored = await restoreBackup(context, taken);
    expect(restored.migrated[0]).toBe("0008_data_platform");
    const latest = await target.query("select max(version) as version from schema_migrations");
    expect(latest).toEqual(await source.query("select max(version) as version from schema_migrations"));
    const migrated = await createTestDatabase();
    await expect(restoreBackup({ ...context, database: migrated }, taken)).rejects.toMatchObject({
      code: "RESTORE_REFUSED",
      message: expect.stringContaining("was taken at 0007_listings"),
    });
    await migrated.close();
  });

  it("of a newer Marquee's backup is refused, and of one with other migrations", async () => {
    const { migrations } = manifest;
    const next = { version: migrations.length + 1, name: "9999_later", hash: "0".repeat(64) };
    await expect(restoreBackup(into, { ...manifest, migrations: [...migrations, next] })).rejects.toMatchObject({
      code: "DATABASE_NEWER",
      message: expect.stringContaining("9999_later"),
    });
    const other = migrations.map((migration, i) => (i === 2 ? { ...migration, hash: "0".repeat(64) } : migration));
    await expect(restoreBackup(into, { ...manifest, migrations: other })).rejects.toMatchObject({
      code: "MIGRATION_REFUSED",
      message: expect.stringContaining("0003_registry"),
    });
    expect(await tablesIn(target)).toBe(0);
  });

  it("of tables that were made by hand names them", async () => {
    const [movies] = manifest.tables;
    const tables = [...manifest.tables, { ...movies, name: "notes" }] as BackupManifest["tables"];
    await expect(restoreBackup(into, { ...manifest, tables })).rejects.toMatchObject({
      code: "RESTORE_REFUSED",
      message: expect.stringContaining("no migration makes: notes."),
    });
  });

  it("needs no more rights than those of the database's owner", async () => {
    const role = `owner_${randomBytes(6).toString("hex")}`;
    await target.execute(`create role ${role} login password 'secret'; alter schema public owner to ${role}`);
    const url = new URL(target.url);
    url.username = role;
    url.password = "secret";
    const asOwner = connectDatabase({ url: url.href, log: into.log });
    const { tables } = await restoreBackup({ ...into, database: asOwner }, manifest);
    expect(tables).toHaveLength(manifest.tables.length);
    const again = await createBackup({ ...backupContext(asOwner, join(root, "owner")) });
    expect(again.tables).toEqual(manifest.tables);
    await asOwner.close();
    await target.execute(`drop owned by ${role} cascade; drop role ${role}`);
  });

  it("brings back models that are missing or damaged, and leaves the others alone", async () => {
    const [missing, damaged] = manifest.models.map(({ sha256 }) => `models/rating/${sha256}`);
    await storeModels(into.objectStore);
    await into.objectStore.remove(`${missing}/weights.bin`);
    await into.objectStore.put(`${damaged}/manifest.json`, "{");
    expect((await restoreBackup(into, manifest)).modelFiles).toBe(2);
    expect((await into.objectStore.get(`${damaged}/manifest.json`)).toString("utf8")).toContain("model");
  });

  it("erases again who was erased since the backup was taken", async () => {
    const [user] = await source.query<{ id: string; hash: string }>(
      "select user_id as id, encode(sha256(convert_to(user_id, 'UTF8')), 'hex') as hash from user_events order by user_id limit 1",
    );
    const key = `erasures/${user?.hash}.json`;
    await store.put(key, JSON.stringify({ userHash: user?.hash, erasedAt: "2026-11-22T00:00:00.000Z" }));
    const { erasures } = await restoreBackup(into, manifest);
    await store.remove(key);
    expect(erasures).toMatchObject({ users: 1, removed: { user_events: 1, user_ratings: 1 } });
    expect(await target.query("select from user_events where user_id = $1", [user?.id])).toEqual([]);
    expect(await target.query("select from user_events")).toHaveLength(2);
  });
});
