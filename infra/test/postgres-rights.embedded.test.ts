import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const log = createLogger("test", "silent");
const sql = (file: string) => readFileSync(join(import.meta.dirname, "../postgres", file), "utf8");
const ROLES = ["worker", "scheduler", "serving", "feature_server", "events", "quality", "logs", "exporter"] as const;
/** For roles of a cluster that is gone with this run. */
const PASSWORD = "of-this-run";
/** SQLSTATE insufficient_privilege. */
const REFUSED = expect.objectContaining({ code: "42501" });

let database: TestDatabase;
const open: Database[] = [];

function as(role: (typeof ROLES)[number]): Database {
  const url = new URL(database.url);
  url.username = `marquee_${role}`;
  url.password = PASSWORD;
  const connected = connectDatabase({ url: url.href, log, maxConnections: 1 });
  open.push(connected);
  return connected;
}

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await database.execute(sql("10-roles.sql"));
  for (const role of ROLES) await database.execute(`alter role marquee_${role} password '${PASSWORD}'`);
  await migrate(as("worker"), log);
  await database.execute(sql("rights.sql"));
});
afterEach(async () => {
  for (const connected of open.splice(0)) await connected.close();
});
afterAll(async () => {
  const { url } = database;
  await database.close();
  // Roles belong to the whole cluster, so they outlive the database.
  const admin = connectDatabase({ url: url.replace(/\/[^/]*$/, "/postgres"), log, maxConnections: 1 });
  for (const role of [...ROLES, "reader", "owner"]) await admin.execute(`drop role marquee_${role}`);
  await admin.close();
});

describe("the roles of the database", () => {
  it("let the worker migrate, and the schema belong to neither it nor the scheduler", async () => {
    const owners = await database.query(
      "select distinct tableowner from pg_tables where schemaname = 'public' order by 1",
    );
    expect(owners).toEqual([{ tableowner: "marquee_owner" }]);
  });

  it("let the scheduler make the queue's schema", async () => {
    await as("scheduler").execute("create schema queue_of_test");
    expect(await as("worker").query("drop schema queue_of_test")).toEqual([]);
  });

  it.each(["serving", "feature_server", "events", "quality", "logs"] as const)(
    "let %s start on a migrated database and read, but make no table",
    async (role) => {
      const connected = as(role);
      expect(await migrate(connected, log)).toEqual([]);
      expect(await connected.query("select count(*)::int as films from movies")).toEqual([{ films: 0 }]);
      await expect(connected.execute("create table made_by_a_stranger (id integer)")).rejects.toEqual(REFUSED);
    },
  );

  it.each([
    ["serving", "update model_aliases set version = 1"],
    ["serving", "delete from movies"],
    ["feature_server", "delete from feature_datasets"],
    ["logs", "delete from predictions"],
    ["events", "insert into predictions default values"],
    ["events", "delete from user_ratings"],
    ["quality", "update user_ratings set rating = 1"],
    ["exporter", "select * from public.user_events"],
  ] as const)("refuse %s: %s", async (role, statement) => {
    await expect(as(role).execute(statement)).rejects.toEqual(REFUSED);
  });

  it("let events and quality write what is theirs", async () => {
    const may = (role: string, table: string) =>
      database.query("select has_table_privilege($1, $2, 'insert') as insert", [role, table]);
    expect(await may("marquee_events", "user_ratings")).toEqual([{ insert: true }]);
    expect(await may("marquee_quality", "predictions")).toEqual([{ insert: true }]);
  });
});
