import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { erasedAmong, userHashOf } from "@marquee/shared/data-rights/erased-users";
import { fixedClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ErasureContext, eraseUser, planErasure, reapplyErasures } from "../src/data-rights/erase-user.ts";

const NOW = "2026-03-02T00:00:00.000Z";
const clock = fixedClock(NOW);
const NOTHING = { user_events: 0, user_ratings: 0, "topic events.user": 0, "topic events.user.dead": 0 };
/** What `fill` gives each user. */
const ALL_OF_ONE = { user_events: 2, user_ratings: 1, "topic events.user": 2, "topic events.user.dead": 3 };

let database: TestDatabase;
let folder: string;
let store: ObjectStore;
let context: ErasureContext;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "marquee-erase-"));
  store = createFileObjectStore(folder);
  context = { database, noteStores: [store], clock };
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

async function publish(topic: string, key: string, value: string): Promise<void> {
  await database.execute("insert into bus_messages (topic, message_id, key, value) values ($1, $2, $3, $4)", [
    ...[topic, uuidv7(clock), key, value],
  ]);
}

/** Rows of a user wherever there can be any. */
async function fill(user: string): Promise<void> {
  for (const type of ["rating", "click"]) {
    await database.execute(
      `insert into user_events (event_id, type, user_id, tmdb_id, happened_at, received_at) values ($1, $2, $3, 603, $4, $4)`,
      [uuidv7(clock), type, user, NOW],
    );
  }
  await database.execute(
    "insert into user_ratings (user_id, tmdb_id, rating, rated_at, event_id) values ($1, 603, 8, $2, $3)",
    [user, NOW, uuidv7(clock)],
  );
  const event = JSON.stringify({ type: "click", userId: user, tmdbId: 603 });
  await publish("events.user", user, event);
  await publish("events.user", "a key of another sender", event.replace(":", " : "));
  const letter = (value: string, key: string) =>
    publish("events.user.dead", key, JSON.stringify({ reason: "at userId", topic: "events.user", key, value }));
  await letter("not even JSON", user);
  await letter(event, "a key of another sender");
  await letter(JSON.stringify(JSON.parse(event), null, 2), "a key of another sender");
}

/** Every row of every table that there is, as text. */
async function everything(): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'",
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await database.query<{ row: string }>(`select t::text as row from ${name} t`);
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows.sort();
}

describe("erasing a user", () => {
  it("removes what is of this user wherever it lies, and nothing of anybody else", async () => {
    for (const user of ["bob", "ada2", "Ada", "x-ada", "a_a"]) await fill(user);
    await publish("predictions", "ada", JSON.stringify({ userId: "ada" }));
    const ofOthers = await everything();
    await fill("ada");
    expect(await eraseUser(context, "ada")).toEqual({ userHash: userHashOf("ada"), removed: ALL_OF_ONE });
    const left = await everything();
    expect(left.filter((row) => !row.startsWith("erased_users"))).toEqual(ofOthers);
    expect(left.join("\n").replace(/predictions.*/, "")).not.toMatch(/[^A-Za-z0-9_-]ada[^A-Za-z0-9_-]/);
  });

  it("again finds nothing left, and keeps the day of the first time", async () => {
    await fill("ada");
    await eraseUser(context, "ada");
    const again = await eraseUser({ ...context, clock: fixedClock("2027-01-01T00:00:00.000Z") }, "ada");
    expect(again.removed).toEqual(NOTHING);
    expect(await database.query("select * from erased_users")).toEqual([
      { user_hash: userHashOf("ada"), erased_at: new Date(NOW) },
    ]);
  });

  it("removes what came into the bus since the first time", async () => {
    await eraseUser(context, "ada");
    await fill("ada");
    expect((await eraseUser(context, "ada")).removed).toEqual(ALL_OF_ONE);
  });

  it("only planned changes nothing and tells the same figures", async () => {
    await fill("ada");
    const before = await everything();
    expect(await planErasure(context, "ada")).toEqual({ userHash: userHashOf("ada"), removed: ALL_OF_ONE });
    expect(await everything()).toEqual(before);
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
  });

  it("removes nothing where it cannot be noted for restores", async () => {
    await fill("ada");
    const before = await everything();
    const away: ObjectStore = { ...store, put: () => Promise.reject(new TypeError("away")) };
    await expect(eraseUser({ ...context, noteStores: [store, away] }, "ada")).rejects.toThrow("away");
    expect(await everything()).toEqual(before);
  });

  it("waits for who stores, who has then checked against it or has its rows removed", async () => {
    const stored = Promise.withResolvers<void>();
    const checked = Promise.withResolvers<void>();
    const storing = database.transaction(async (tx) => {
      expect(await erasedAmong(tx, ["ada"])).toEqual(new Set());
      checked.resolve();
      await stored.promise;
      await tx.execute("insert into user_ratings values ('ada', 603, 8, now(), gen_random_uuid())");
    });
    await checked.promise;
    const erasing = eraseUser(context, "ada");
    // Seen waiting: the erasure has begun, and the rating is not written yet.
    await expect
      .poll(
        () =>
          database.query(
            "select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
          ),
        {
          timeout: 20_000,
        },
      )
      .toHaveLength(1);
    stored.resolve();
    await storing;
    expect((await erasing).removed).toEqual({ ...NOTHING, user_ratings: 1 });
    expect(await database.transaction((tx) => erasedAmong(tx, ["ada", "bob"]))).toEqual(new Set(["ada"]));
  });
});

describe("a database restored from before an erasure", () => {
  it("has its users erased again, and no others", async () => {
    await fill("bob");
    const ofBob = await everything();
    await eraseUser(context, "ada");
    await eraseUser(context, "eve");
    await database.execute("truncate erased_users");
    await fill("ada");
    expect(await reapplyErasures(context)).toEqual({ users: 2, removed: ALL_OF_ONE });
    expect((await everything()).filter((row) => !row.startsWith("erased_users"))).toEqual(ofBob);
    expect(await database.transaction((tx) => erasedAmong(tx, ["ada", "bob", "eve"]))).toEqual(new Set(["ada", "eve"]));
    expect(await reapplyErasures(context)).toEqual({ users: 0, removed: NOTHING });
  });

  it("has users erased of whom only a message on the bus is left", async () => {
    await eraseUser(context, "ada");
    await database.execute("truncate erased_users");
    await publish("events.user", "another key", JSON.stringify({ userId: "ada" }));
    expect((await reapplyErasures(context)).removed).toEqual({
      ...NOTHING,
      "topic events.user": 1,
    });
  });

  it("is erased from by the notes of every store that has some, and a note that cannot be read is named", async () => {
    const other = createFileObjectStore(join(folder, "other"));
    await eraseUser(context, "ada");
    await eraseUser({ ...context, noteStores: [other] }, "eve");
    await database.execute("truncate erased_users");
    expect(await reapplyErasures({ database, noteStores: [store, other] })).toMatchObject({ users: 2 });
    const key = `erasures/${userHashOf("bob")}.json`;
    await store.put(key, "{");
    await expect(reapplyErasures(context)).rejects.toMatchObject({
      code: "OBJECT_CORRUPT",
      message: expect.stringContaining(key),
    });
  });

  it("asks for no note of a user whom it knows as erased, and keeps nobody waiting", async () => {
    await eraseUser(context, "ada");
    const unread: ObjectStore = { ...store, get: () => Promise.reject(new TypeError("not to be read")) };
    await database.transaction(async (tx) => {
      await erasedAmong(tx, ["bob"]);
      expect(await reapplyErasures({ database, noteStores: [unread] })).toEqual({ users: 0, removed: NOTHING });
    });
  });

  it("is left as it is where nobody was erased", async () => {
    await fill("bob");
    expect(await reapplyErasures(context)).toEqual({ users: 0, removed: NOTHING });
  });
});
