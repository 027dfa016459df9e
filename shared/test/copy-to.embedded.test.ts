import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const ROWS = 200_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await database.execute("create table films (id integer primary key, title text)");
  await database.execute("insert into films select n, 'Film ' || n from generate_series(1, $1::int) n", [ROWS]);
});
afterAll(() => database.close());

const SQL = "copy (select id, title from films order by id) to stdout";

it("streams all rows of a copy, and the transaction goes on", async () => {
  const { text, count } = await database.transaction(async (tx) => {
    const chunks = await Array.fromAsync(tx.copyTo(SQL));
    const [row] = await tx.query<{ count: number }>("select count(*) from films");
    return { text: Buffer.concat(chunks).toString("utf8"), count: row?.count };
  });
  expect(count).toBe(ROWS);
  const lines = text.split("\n");
  expect([lines.length, lines[0], lines[ROWS - 1], lines[ROWS]]).toEqual([
    ROWS + 1,
    "1\tFilm 1",
    `${ROWS}\tFilm ${ROWS}`,
    "",
  ]);
});

it("gives nothing of a copy without rows", async () => {
  const chunks = await database.transaction((tx) =>
    Array.fromAsync(tx.copyTo("copy (select 1 where false) to stdout")),
  );
  expect(chunks).toEqual([]);
});

it("passes PostgreSQL's own error on, at once or in the middle of the rows", async () => {
  const copied = (sql: string) => database.transaction((tx) => Array.fromAsync(tx.copyTo(sql)));
  await expect(copied("copy (select nonsense) to stdout")).rejects.toMatchObject({ code: "42703" });
  await expect(copied("copy (select 1 / (id - 150000) from films) to stdout")).rejects.toMatchObject({ code: "22012" });
});

it("is left at once by a reader that has enough, and other work goes on", async () => {
  const failure = new TypeError("enough");
  const work = database.transaction(async (tx) => {
    for await (const _chunk of tx.copyTo("copy (select generate_series(1, 1000000000000)) to stdout")) throw failure;
  });
  await expect(work).rejects.toBe(failure);
  expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
});
