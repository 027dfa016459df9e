import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrate } from "../src/backing/postgres/migrate.ts";
import { createLogger } from "../src/service/logger.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const log = createLogger("test", "silent");
const FIRST = "create table films (id integer primary key);\ninsert into films values (1);\n";
const SECOND = "insert into films values (2);\n";

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = await mkdtemp(join(tmpdir(), "marquee-migrations-"));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
}
const filmIds = async () =>
  (await database.query<{ id: number }>("select id from films order by id")).map(({ id }) => id);

it("applies each migration once, in order, and says which", async () => {
  await write({ "0002_more.sql": SECOND, "0001_films.sql": FIRST });
  expect(await migrate(database, log, folder)).toEqual(["0001_films", "0002_more"]);
  expect(await migrate(database, log, folder)).toEqual([]);
  expect(await filmIds()).toEqual([1, 2]);
  const rows = await database.query("select version, name, applied_at from schema_migrations order by version");
  expect(rows).toEqual([
    { version: 1, name: "0001_films", applied_at: expect.any(Date) },
    { version: 2, name: "0002_more", applied_at: expect.any(Date) },
  ]);
});

it("applies only what has come since", async () => {
  await write({ "0001_films.sql": FIRST });
  await migrate(database, log, folder);
  await write({ "0002_more.sql": SECOND });
  expect(await migrate(database, log, folder)).toEqual(["0002_more"]);
});

it("applies each once when several processes start at the same time", async () => {
  await write({ "0001_films.sql": FIRST, "0002_more.sql": SECOND });
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(database, log, folder)));
  expect(results.flat().sort()).toEqual(["0001_films", "0002_more"]);
  expect(await filmIds()).toEqual([1, 2]);
});

it("undoes all of a migration that fails, names it, and goes on from there once it is mended", async () => {
  await write({ "0001_films.sql": FIRST, "0002_more.sql": `${SECOND} select nonsense;` });
  await expect(migrate(database, log, folder)).rejects.toMatchObject({
    code: "MIGRATION_REFUSED",
    message: expect.stringContaining("0002_more failed and was undone"),
  });
  expect(await filmIds()).toEqual([1]);
  await write({ "0002_more.sql": SECOND });
  expect(await migrate(database, log, folder)).toEqual(["0002_more"]);
});

it("refuses a migration that was changed after it had been applied", async () => {
  await write({ "0001_films.sql": FIRST });
  await migrate(database, log, folder);
  await write({ "0001_films.sql": `${FIRST}-- changed` });
  await expect(migrate(database, log, folder)).rejects.toMatchObject({
    code: "MIGRATION_REFUSED",
    message: expect.stringMatching(/0001_films .*not the same any more/),
  });
});

it("takes other line ends for no change", async () => {
  await write({ "0001_films.sql": FIRST });
  await migrate(database, log, folder);
  await write({ "0001_films.sql": FIRST.replaceAll("\n", "\r\n") });
  expect(await migrate(database, log, folder)).toEqual([]);
});

it("refuses a database that a newer Marquee wrote, and leaves it alone", async () => {
  await write({ "0001_films.sql": FIRST, "0002_more.sql": SECOND });
  await migrate(database, log, folder);
  await rm(join(folder, "0002_more.sql"));
  await expect(migrate(database, log, folder)).rejects.toMatchObject({
    code: "DATABASE_NEWER",
    message: expect.stringContaining("0002_more"),
  });
});

it.each([
  ["a gap in the numbers", { "0001_films.sql": FIRST, "0003_more.sql": SECOND }, "0003_more.sql stands where"],
  ["a number given twice", { "0001_films.sql": FIRST, "0001_more.sql": SECOND }, "0001_more.sql stands where"],
  [
    "a file that is no migration by its name",
    { "0001_films.sql": FIRST, "later.sql": SECOND },
    "later.sql stands where",
  ],
])("refuses %s", async (_what, files, message) => {
  await write(files);
  await expect(migrate(database, log, folder)).rejects.toMatchObject({ message: expect.stringContaining(message) });
});

it("takes no notice of the schema's dump beside the migrations", async () => {
  await write({ "0001_films.sql": FIRST, "schema.sql": "create table films (id integer);" });
  expect(await migrate(database, log, folder)).toEqual(["0001_films"]);
});
