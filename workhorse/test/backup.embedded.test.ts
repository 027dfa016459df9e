import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupManifest } from "../src/backup/backup-manifest.ts";
import { createBackup } from "../src/backup/create-backup.ts";
import { removeOldBackups } from "../src/backup/remove-old-backups.ts";
import { restoreBackup } from "../src/backup/restore-backup.ts";
import { findBackup, listBackups } from "../src/backup/stored-backups.ts";
import { runBackup } from "../src/backup/take-backup.ts";
import { verifyBackup } from "../src/backup/verify-backup.ts";
import { backupContext, fillEveryTable, storeModels, tickingClock } from "./backup-harness.ts";

const root = mkdtempSync(join(tmpdir(), "marquee-backup-"));
/** Tables that migrations do not make: of every kind that may come, and of names that need quotes. */
const MORE_TABLES = `
  create table "odd ""name" (id integer generated always as identity primary key, "a column" bytea,
    doubled integer generated always as (id * 2) stored, days date[], amount numeric, "order" text default 'changed');
  create table keyless (a text, b double precision);
  create table diary (day date not null, entry text, primary key (day)) partition by range (day);
  create table tree (id text primary key, parent text references tree, of_day date references diary);
  create sequence tickets start 7`;
const PARTITION = "create table diary_2026 partition of diary for values from ('2026-01-01') to ('2027-01-01')";

let source: TestDatabase;
beforeAll(async () => {
  source = await createTestDatabase();
  await fillEveryTable(source);
});
afterAll(async () => {
  await source.close();
  rmSync(root, { recursive: true, force: true });
});

/** So many of 1.3 KB each. */
const fillMessages = (database: TestDatabase, count: number) =>
  database.execute(
    `insert into bus_messages (topic, message_id, key, value)
     select 'predictions', n::text, n::text, repeat(md5(n::text), 40) from generate_series(1, $1::integer) n`,
    [count],
  );

const columnOf = async (database: TestDatabase, sql: string) =>
  (await database.query<{ value: unknown }>(sql)).map(({ value }) => value);

describe("a backup", () => {
  it("restores every table of ours, sequences and models into an empty database and an empty object store", async () => {
    const from = backupContext(source, join(root, "all", "objects"), {});
    from.backups.store = createFileObjectStore(join(root, "all", "backups"));
    await storeModels(from.objectStore);
    const manifest = await createBackup(from);
    expect(manifest.tables.filter(({ rows }) => rows === 0)).toEqual([]);
    expect(manifest.models).toHaveLength(5);
    const target = await createTestDatabase({ empty: true });
    const into = { ...from, database: target, objectStore: createFileObjectStore(join(root, "all", "restored")) };
    const restore = await restoreBackup(into, await findBackup(into.backups.store, "latest"));
    expect(restore.tables.map(({ name, rows, sha256 }) => ({ name, rows, sha256 }))).toEqual(
      manifest.tables.map(({ name, rows, sha256 }) => ({ name, rows, sha256 })),
    );
    expect(restore.modelFiles).toBe(10);
    for (const model of manifest.models) {
      const key = `models/rating/${model.sha256}/weights.bin`;
      expect(await into.objectStore.get(key)).toEqual(await from.objectStore.get(key));
    }
    // What is backed up of the restored database is the same again.
    const again = await createBackup({ ...into, clock: tickingClock("2026-11-22T03:30:00Z") });
    expect(again.tables).toEqual(manifest.tables);
    expect(again.sequences).toEqual(manifest.sequences);
    await target.execute(
      `insert into model_alias_moves (model_name, alias, to_version, moved_by, reason, metrics, moved_at)
       select model_name, 'champion', version, 'test', 'after the restore', '{}', now() from model_versions limit 1`,
    );
    await expect(target.execute("delete from model_versions")).rejects.toThrow("never change");
    await target.close();
  });

  it("keeps bytes, generated and identity columns, arrays, partitions, odd names and tables without a key", async () => {
    const [database, target] = [await createTestDatabase(), await createTestDatabase()];
    for (const each of [database, target]) await each.execute(MORE_TABLES);
    await database.execute(PARTITION);
    await database.execute(
      `insert into "odd ""name" ("a column", days, amount, "order") values
         ('\\x00ff5c0a', array['2026-01-01', null]::date[], 12345678901234567890.123456789, null), (null, '{}', 'NaN', E'a\\tb')`,
    );
    await database.execute(
      `insert into keyless values ('twice', 0.1), ('twice', 0.1), (null, 'NaN'), ('', '-0');
       insert into diary select day, 'x' from generate_series('2026-01-01'::date, '2026-12-31', '1 day') day;
       insert into tree values ('a', 'b', '2026-05-05'), ('b', null, null); select nextval('tickets'), nextval('tickets')`,
    );
    // A row that comes back is not a new one.
    await target.execute(`
      create function shout() returns trigger language plpgsql as $$ begin new.a := upper(new.a); return new; end $$;
      create trigger shouting before insert on keyless for each row execute function shout()`);
    const context = backupContext(database, join(root, "kinds"));
    const manifest = await createBackup(context);
    const restore = await restoreBackup({ ...context, database: target }, manifest);
    expect(restore.tables.find(({ name }) => name === "diary_2026")?.rows).toBe(365);
    expect(
      await target.query('select "a column", doubled, days, amount, "order" from "odd ""name" order by id'),
    ).toEqual(await database.query('select "a column", doubled, days, amount, "order" from "odd ""name" order by id'));
    expect(await columnOf(target, "select id || coalesce(parent, '-') as value from tree order by id")).toEqual([
      "ab",
      "b-",
    ]);
    await target.execute('insert into keyless values (\'new\'); insert into "odd ""name" default values');
    expect(await columnOf(target, "select a as value from keyless where a ilike 'new'")).toEqual(["NEW"]);
    expect(await columnOf(target, 'select max(id) as value from "odd ""name"')).toEqual([3]);
    expect(await columnOf(target, "select nextval('tickets') as value")).toEqual([9]);
    await Promise.all([database.close(), target.close()]);
  });

  it("is of one moment: what is written while it is taken is in none of its tables", async () => {
    const database = await createTestDatabase();
    const writes: Promise<number>[] = [];
    const context = backupContext(database, join(root, "moment"), {
      onProgress: () => {
        writes.push(
          database.execute("insert into people values ($1, 'late') on conflict do nothing", [writes.length]),
          database.execute("insert into tmdb_listings values ($1, 'late', now()) on conflict do nothing", [
            writes.length,
          ]),
        );
      },
    });
    const manifest = await createBackup(context);
    await Promise.all(writes);
    expect(writes.length).toBeGreaterThan(20);
    expect(manifest.tables.filter(({ name, rows }) => rows > 0 && name !== "schema_migrations")).toEqual([]);
    await database.close();
  });

  it("that was cut off is listed as unfinished, is not the latest, and the next one is whole", async () => {
    const abort = new AbortController();
    const reason = new DOMException("stopping", "AbortError");
    const context = backupContext(source, join(root, "cut"), {
      signal: abort.signal,
      onProgress: ({ done }) => done === 5 && abort.abort(reason),
    });
    await expect(createBackup(context)).rejects.toBe(reason);
    expect((await listBackups(context.backups.store)).map(({ state }) => state)).toEqual(["unfinished"]);
    await expect(findBackup(context.backups.store, "latest")).rejects.toMatchObject({ code: "BACKUP_UNKNOWN" });
    const whole = { ...context, signal: new AbortController().signal };
    const { name } = await createBackup(whole);
    expect((await findBackup(context.backups.store, "latest")).name).toBe(name);
    const cutOff = (await listBackups(context.backups.store))[0]?.name ?? "";
    await expect(findBackup(context.backups.store, cutOff)).rejects.toThrow(`was not finished; there are ${name}.`);
  });

  it("whose process is killed is listed as unfinished, and goes two days later", async () => {
    const database = await createTestDatabase();
    await fillMessages(database, 200_000);
    const folder = join(root, "killed");
    const child = fork(new URL("./backup-process.ts", import.meta.url), [database.url, folder]);
    const [note] = await once(child, "message");
    expect(note).toMatch(/^archive_loads: /); // the messages come next, and take seconds
    child.kill("SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    const context = backupContext(database, folder);
    const { store } = context.backups;
    const [killed] = await listBackups(store);
    expect(killed?.state).toBe("unfinished");
    const next = await runBackup({ ...context, clock: tickingClock("2026-11-22T03:30:00Z") });
    expect(next.detail).toMatchObject({ removed: [], kept: 1, previousAgeSeconds: undefined });
    const last = await runBackup({ ...context, clock: tickingClock("2026-11-23T03:31:00Z") });
    expect(last.detail).toMatchObject({ removed: [killed?.name], kept: 2 });
    await database.close();
  });

  it("whose store fails in the middle of a table fails with its error, and the database goes on", async () => {
    const failure = new TypeError("no more room");
    const context = backupContext(source, join(root, "full"));
    const { store } = context.backups;
    const full = { ...store, put: async () => Promise.reject(failure) };
    await expect(createBackup({ ...context, backups: { ...context.backups, store: full } })).rejects.toBe(failure);
    await source.ping();
  });

  it.each([
    ["before it reads", async () => {}],
    ["after the first bytes", async (content: AsyncIterable<unknown>) => content[Symbol.asyncIterator]().next()],
  ])("of a large table that the store refuses %s fails with its error, and holds nothing back", async (_when, read) => {
    const database = await createTestDatabase();
    await fillMessages(database, 30_000);
    const failure = new TypeError("a folder that cannot be made");
    const context = backupContext(database, join(root, "refusing"));
    const { store } = context.backups;
    const refusing: ObjectStore = {
      ...store,
      put: async (key, content, options) => {
        if (!key.includes("bus_messages")) return store.put(key, content, options);
        await read(content as AsyncIterable<unknown>);
        throw failure;
      },
    };
    await expect(createBackup({ ...context, backups: { ...context.backups, store: refusing } })).rejects.toBe(failure);
    await database.ping();
    await database.close();
  });

  it("waits for a migration that is writing a table anew, and then has all of its rows", async () => {
    const database = await createTestDatabase();
    await database.execute("insert into people values (1, 'Somebody'), (2, 'Another')");
    const [rewritten, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const migrating = database.transaction(async (tx) => {
      await tx.execute("alter table people alter column name type varchar(90) using upper(name)");
      rewritten.resolve();
      await over.promise;
    });
    await rewritten.promise;
    const backup = createBackup(backupContext(database, join(root, "rewritten")));
    const waiting = () =>
      database.query(
        "select from pg_locks where relation = 'people'::regclass and mode = 'AccessShareLock' and not granted",
      );
    await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1);
    over.resolve();
    await migrating;
    expect((await backup).tables.find(({ name }) => name === "people")?.rows).toBe(2);
    await database.close();
  });

  it("tells of registered models that are gone, and is taken all the same", async () => {
    const manifest = await createBackup(backupContext(source, join(root, "no-models")));
    expect(manifest.models).toEqual([]);
    expect(manifest.missingModels).toHaveLength(5);
  });

  it("says of a database that was never migrated that there is nothing to back up", async () => {
    const empty = await createTestDatabase({ empty: true });
    await expect(createBackup(backupContext(empty, join(root, "never")))).rejects.toMatchObject({ code: "NOT_READY" });
    await empty.close();
  });
});

describe("the task", () => {
  it("takes a backup, removes what is not to be kept, and tells age and size", async () => {
    const context = backupContext(source, join(root, "task"));
    context.backups.keep = { daily: 1, weekly: 0, monthly: 0 };
    await storeModels(context.objectStore);
    const first = await runBackup(context);
    expect(first.detail).toMatchObject({ models: 5, removed: [], kept: 1, previousAgeSeconds: undefined });
    expect(Number(first.detail.storedBytes)).toBeGreaterThan(20_000);
    await context.objectStore.put("backups/models/nobodys/weights.bin", "x");
    const second = await runBackup({ ...context, clock: tickingClock("2026-11-22T03:31:00Z") });
    expect(second.rowsOut).toBe(first.rowsOut);
    expect(second.detail).toMatchObject({ removed: [first.detail.name], kept: 1, modelsRemoved: 1 });
    expect(second.detail.previousAgeSeconds).toBeGreaterThan(0);
    const [left] = await listBackups(context.backups.store);
    expect(left?.name).toBe(second.detail.name);
    await verifyBackup(context, await findBackup(context.backups.store, "latest"));
  });

  it("removes no model while a backup is there that cannot be read", async () => {
    const context = backupContext(source, join(root, "unreadable"));
    const { store } = context.backups;
    await store.put("backups/2026-01-01T000000Z/manifest.json", '{"format":99}');
    await store.put("backups/models/of-the-future/weights.bin", "x");
    expect(await removeOldBackups(context)).toEqual({ removed: [], kept: 0, modelsRemoved: 0 });
    expect(await store.exists("backups/models/of-the-future/weights.bin")).toBe(true);
    await expect(findBackup(store, "2026-01-01T000000Z")).rejects.toMatchObject({
      code: "BACKUP_DAMAGED",
      message: expect.stringContaining("format 99"),
    });
  });
});

describe("a manifest", () => {
  it("says of what release, migration and PostgreSQL the backup is, and how large", async () => {
    const manifest: BackupManifest = await createBackup(backupContext(source, join(root, "manifest")));
    expect(manifest.postgresVersion).toMatch(/^18/);
    expect(manifest.migrations[0]).toMatchObject({ version: 1, name: "0001_catalog" });
    expect(manifest.tables.map(({ name }) => name)).toContain("schema_migrations");
    const place = (name: string) => manifest.tables.findIndex((table) => table.name === name);
    expect(place("movies")).toBeLessThan(place("credits"));
    expect(place("people")).toBeLessThan(place("credits"));
    const movies = manifest.tables[place("movies")];
    expect(movies?.columns).not.toContain("imdb_number");
  });
});
