import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logStoreContract } from "../src/backing/log-store/log-store.contract.ts";
import { openLogStore } from "../src/backing/log-store/open-log-store.ts";
import { createPostgresLogStore } from "../src/backing/log-store/postgres-log-store.ts";
import { connectDatabase } from "../src/backing/postgres/database.ts";
import type { LogLine } from "../src/contracts/log-line.ts";
import { systemClock } from "../src/service/clock.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { createLogger } from "../src/service/logger.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

describe("in the database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  logStoreContract("the PostgreSQL log store", async () => {
    const store = createPostgresLogStore({ database });
    await store.prepare();
    return store;
  });
});

describe("the PostgreSQL log store", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  const lines = (from: number, to: number): LogLine[] =>
    Array.from({ length: to - from }, (_, i) => ({
      id: uuidv7(systemClock),
      time: new Date(Date.parse("2026-03-01T00:00:00Z") + (from + i) * 1000).toISOString() as LogLine["time"],
      level: "info",
      service: "serving",
      instance: "serving-host-1",
      msg: String(from + i),
    }));
  const count = async () => (await database.query<{ n: number }>("select count(*)::int as n from log_lines"))[0]?.n;

  it("keeps so many lines and lets the oldest go, also those of an earlier process", async () => {
    await createPostgresLogStore({ database }).store(lines(0, 50));
    const store = createPostgresLogStore({ database, maxLines: 20 });
    await store.store(lines(50, 60));
    expect(await count()).toBe(20);
    await store.store(lines(60, 75));
    const kept = (await store.find({})).map(({ msg }) => Number(msg));
    expect(kept).toEqual(Array.from({ length: 20 }, (_, i) => 74 - i));
  });

  it("is never over its bound by more than a twentieth", async () => {
    const store = createPostgresLogStore({ database, maxLines: 100 });
    const counts: unknown[] = [];
    for (let i = 100; i < 220; i += 2) {
      await store.store(lines(i, i + 2));
      counts.push(await count());
    }
    expect(Math.max(...counts.map(Number))).toBeLessThanOrEqual(105);
    expect(counts.at(-1)).toBeGreaterThanOrEqual(100);
  });

  it("is the one that is opened where no Elasticsearch is named", async () => {
    const store = await openLogStore({ settings: {}, database });
    const [newest] = lines(300, 301);
    await store.store(lines(300, 301));
    expect(await store.find({ limit: 1 })).toMatchObject([{ msg: newest?.msg }]);
  });

  it("says that the log store is away while the database is", async () => {
    const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", log: createLogger("test", "silent") });
    const store = createPostgresLogStore({ database: away });
    const error = { code: "LOG_STORE_UNAVAILABLE", retriable: true };
    await expect(store.prepare()).rejects.toMatchObject(error);
    await expect(store.store(lines(0, 1))).rejects.toMatchObject(error);
    await expect(store.find({})).rejects.toMatchObject(error);
    await away.close();
  });
});
