import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { userHashOf } from "@marquee/shared/data-rights/erased-users";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOptions } from "../../local/options.ts";
import { type Ask, eraseOn, usersCommand } from "../users-command.ts";

let database: TestDatabase;
let folder: string;
let objectStore: ObjectStore;
let backupStore: ObjectStore;
let logged: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "marquee-users-"));
  objectStore = createFileObjectStore(join(folder, "objects"));
  backupStore = createFileObjectStore(join(folder, "backups"));
  logged = [];
  for (const user of ["ada", "bob"]) {
    await database.execute("insert into user_ratings values ($1, 603, 8, now(), gen_random_uuid())", [user]);
  }
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

function erase(id: string, { dryRun = false, variables = {} as Record<string, string> } = {}) {
  const options = readOptions([], { folder, variables });
  if (options === "help") throw new TypeError("only help was asked for");
  const context = {
    ...{ database, objectStore, clock: fixedClock("2026-03-02T00:00:00.000Z") },
    log: createLogger("test", "trace", { write: (line) => void logged.push(line) }),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  const backups = { store: backupStore, keep: { daily: 7, weekly: 4, monthly: 12 } };
  return eraseOn({ context, options }, backups, { id, dryRun });
}
const users = async () =>
  (await database.query<{ id: string }>("select user_id as id from user_ratings order by 1")).map(({ id }) => id);
const notes = async (store: ObjectStore) => (await Array.fromAsync(store.list(""))).map(({ key }) => key);

describe("marquee users erase", () => {
  it("removes the user, tells the rows by place and what only ages out, and notes it beside backups too", async () => {
    const outcome = await erase("ada", { variables: { KAFKA_BROKERS: "kafka:9092" } });
    expect(outcome).toMatchObject({
      rowsIn: 1,
      rowsOut: 0,
      detail: { userHash: userHashOf("ada"), dryRun: false, removed: { user_ratings: 1, user_events: 0 } },
    });
    expect(outcome.text).toMatch(/^user_ratings +1$/m);
    expect(outcome.text).toContain("Kafka topic events.user: at most 30 days");
    expect(outcome.text).toContain(
      "backups: at most 372 days; where one is taken every day; a restore erases the user again",
    );
    expect(await users()).toEqual(["bob"]);
    for (const store of [objectStore, backupStore]) {
      expect(await notes(store)).toEqual([`erasures/${userHashOf("ada")}.json`]);
    }
  });

  it("names the user in no answer and no log line", async () => {
    const outcome = await erase("ada");
    expect(JSON.stringify([outcome, logged])).not.toMatch(/\bada\b/);
    expect(logged).toHaveLength(1);
  });

  it("says so where nothing is left", async () => {
    await erase("ada");
    expect((await erase("ada")).text).toContain("Nothing is left of this user.");
  });

  it("dry changes nothing", async () => {
    const outcome = await erase("ada", { dryRun: true });
    expect(outcome).toMatchObject({ rowsIn: 1, rowsOut: 1, changed: "nothing changed: a dry run" });
    expect(await users()).toEqual(["ada", "bob"]);
    expect([...(await notes(objectStore)), ...(await notes(backupStore)), ...logged]).toEqual([]);
    expect(await database.query("select * from erased_users")).toEqual([]);
  });
});

describe("marquee users erase, as it is called", () => {
  const call = (args: string[], ask: Ask) => {
    const command = usersCommand({ write: () => undefined }, ask);
    for (const each of [command, ...command.commands]) {
      each.exitOverride().configureOutput({ writeErr: () => undefined });
    }
    return command.parseAsync(["erase", ...args], { from: "user" });
  };

  it.each([
    ["nobody can answer and --yes is missing", undefined, /add --yes/],
    ["the answer is not yes", async () => "y", /the answer was not yes/],
    ["there is no answer", async () => "", /the answer was not yes/],
  ])("does nothing where %s", async (_what, ask, message) => {
    await expect(call(["ada"], ask)).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(message) });
  });

  it.each(["ada lovelace", "a".repeat(65), "ada@example.org"])("takes no id that no user has: %s", async (id) => {
    await expect(call([id, "--dry-run"], undefined)).rejects.toMatchObject({ code: "commander.invalidArgument" });
  });
});
