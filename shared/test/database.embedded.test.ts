import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectDatabase, type Database } from "../src/backing/postgres/database.ts";
import { createLogger } from "../src/service/logger.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const log = createLogger("test", "silent");

describe("a database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    await database.execute("create table films (id integer primary key, title text)");
  });
  beforeEach(() => database.execute("truncate films"));
  afterAll(() => database.close());

  const titles = async () =>
    (await database.query<{ title: string }>("select title from films order by id")).map(({ title }) => title);

  it("gives days as text, large whole and exact decimals as numbers, moments as Date, and their arrays likewise", async () => {
    const [row] = await database.query(`select date '2024-02-29' as day, bigint '9000000000' as big,
      numeric(5,3) '7.125' as decimal, timestamptz '2024-02-29T12:00:00Z' as moment, array[date '2024-02-29', null] as days,
      array[bigint '9000000000', null] as bigs, array[1.5::float8, 'NaN'] as doubles, count(*) as rows from films`);
    expect(row).toEqual({
      day: "2024-02-29",
      big: 9_000_000_000,
      decimal: 7.125,
      moment: new Date("2024-02-29T12:00:00Z"),
      days: ["2024-02-29", null],
      bigs: [9_000_000_000, null],
      doubles: [1.5, Number.NaN],
      rows: 0,
    });
  });

  it("leaves other users of pg in the process their own way to read values", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query("select bigint '1' as big");
    await client.end();
    expect(rows).toEqual([{ big: "1" }]);
  });

  it("says how many rows a statement affected, and the sum of several", async () => {
    expect(await database.execute("insert into films values ($1, 'One'), ($2, 'Two')", [1, 2])).toBe(2);
    expect(await database.execute("update films set title = 'Three' where id = 1; delete from films")).toBe(3);
    expect(await database.execute("create table if not exists films (id integer)")).toBe(0);
  });

  it("commits what a transaction did and gives its result back", async () => {
    const result = await database.transaction(async (tx) => {
      await tx.execute("insert into films values (1, 'One')");
      return (await tx.query<{ count: number }>("select count(*) from films"))[0]?.count;
    });
    expect(result).toBe(1);
    expect(await titles()).toEqual(["One"]);
  });

  it("undoes a transaction that throws, and passes on what was thrown", async () => {
    const failure = Object.assign(new TypeError("not the database's"), { code: "ECONNREFUSED" });
    const work = database.transaction(async (tx) => {
      await tx.execute("insert into films values (1, 'One')");
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await titles()).toEqual([]);
  });

  it("passes PostgreSQL's own error on with its code, and the connection stays in use", async () => {
    await expect(database.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
    await expect(
      database.transaction(async (tx) => {
        await tx.execute("insert into films values (1, 'One'), (1, 'Two')");
      }),
    ).rejects.toMatchObject({ code: "23505" });
    expect(await titles()).toEqual([]);
  });

  it("does not take a transaction for committed whose work hid an error", async () => {
    const work = database.transaction(async (tx) => {
      await tx.execute("insert into films values (1, 'One')");
      await tx.query("select nonsense").catch(() => {});
    });
    await expect(work).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("nothing was committed"),
    });
    expect(await titles()).toEqual([]);
  });

  it("copies a stream of any chunks into a table", async () => {
    async function* lines() {
      yield "1\tOne\n2\tT";
      yield Buffer.from("wo\n");
      for (let id = 3; id <= 20_000; id++) yield `${id}\tFilm ${id}\n`;
    }
    expect(await database.transaction((tx) => tx.copyFrom("copy films from stdin", lines()))).toBe(20_000);
    expect((await titles()).slice(0, 3)).toEqual(["One", "Two", "Film 3"]);
  });

  it("copies nothing from a source that breaks, passes on what it threw, and goes on working", async () => {
    const failure = Object.assign(new TypeError("the source broke"), { code: "ECONNRESET" });
    async function* broken() {
      yield "1\tOne\n";
      throw failure;
    }
    await expect(database.transaction((tx) => tx.copyFrom("copy films from stdin", broken()))).rejects.toBe(failure);
    expect(await titles()).toEqual([]);
  });

  it("stops reading a source whose rows the table refuses", async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield "1\tOne\n".repeat(1_000);
      } finally {
        closed = true;
      }
    }
    await expect(database.transaction((tx) => tx.copyFrom("copy films from stdin", endless()))).rejects.toMatchObject({
      code: "23505",
    });
    expect(closed).toBe(true);
    expect(await titles()).toEqual([]);
  });

  it("copies nothing of a source without rows", async () => {
    async function* nothing(): AsyncGenerator<string> {}
    expect(await database.transaction((tx) => tx.copyFrom("copy films from stdin", nothing()))).toBe(0);
  });
});

describe("a database that is not well", () => {
  let database: TestDatabase;
  let other: Database;
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    other = connectDatabase({ url: database.url, log, statementTimeoutMs: 200 });
  });
  afterAll(async () => {
    await other.close();
    await database.close();
  });

  const killOthers = () =>
    database.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );

  it("replaces a connection that was lost while idle", async () => {
    await other.ping();
    await killOthers();
    // The loss arrives as an event of its own; until then the pool hands the dead connection out once.
    await other.ping().catch((error: unknown) => expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE" }));
    await other.ping();
  });

  it("calls a transaction's connection that is lost between two statements unavailable, not crashed", async () => {
    const work = other.transaction(async (tx) => {
      await tx.query("select 1");
      await killOthers();
      await tx.query("select 2");
    });
    await expect(work).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE", retriable: true });
    await other.ping();
  });

  it("cancels a statement that runs over its time", async () => {
    await expect(other.query("select pg_sleep(10)")).rejects.toMatchObject({ code: "57014" });
    await other.ping();
  });

  it("names the server that does not answer, and no password", async () => {
    const nowhere = connectDatabase({ url: "postgres://marquee:secret@127.0.0.1:1/marquee", log });
    const error: unknown = await nowhere.ping().catch((thrown: unknown) => thrown);
    await nowhere.close();
    expect(error).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining("127.0.0.1:1/marquee"),
    });
    expect(String(error)).not.toContain("secret");
  });

  it("takes a server for unavailable that accepts connections and says nothing", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    const silent = connectDatabase({ url: `postgres://marquee:secret@127.0.0.1:${port}/marquee`, log });
    await expect(silent.ping()).rejects.toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining("does not answer within 3 seconds"),
    });
    for (const socket of sockets) socket.destroy();
    mute.close();
    await silent.close();
  });

  it("calls a database that was closed unavailable", async () => {
    const closed = connectDatabase({ url: database.url, log });
    await closed.close();
    await expect(closed.query("select 1")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  });

  it.each([
    ["password", (url: URL) => Object.assign(url, { password: "wrong" })],
    ["database", (url: URL) => Object.assign(url, { pathname: "/nowhere" })],
  ])("calls a wrong %s a wrong setting", async (_what, change) => {
    const refused = connectDatabase({ url: change(new URL(database.url)).href, log });
    await expect(refused.query("select 1")).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
    await refused.close();
  });

  it("waits for what is running when it is closed, and may be closed twice", async () => {
    const closing = connectDatabase({ url: database.url, log });
    const running = closing.query("select pg_sleep(0.05)");
    await Promise.all([closing.close(), closing.close()]);
    expect(await running).toHaveLength(1);
  });
});
