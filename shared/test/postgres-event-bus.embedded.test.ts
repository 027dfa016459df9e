import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventBusContract } from "../src/backing/event-bus/event-bus.contract.ts";
import { createPostgresEventBus } from "../src/backing/event-bus/postgres-event-bus.ts";
import { eventBusSettings } from "../src/service/backing-settings.ts";
import { systemClock } from "../src/service/clock.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { createLogger } from "../src/service/logger.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const log = createLogger("test", "silent");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const settings = z.object(eventBusSettings).parse({});
const open = (topicPrefix: string, changes = {}) =>
  createPostgresEventBus({
    ...{ database, databaseUrl: database.url, log, topicPrefix },
    settings: { ...settings, ...changes },
  });
const randomPrefix = () => `test-${randomBytes(4).toString("hex")}-`;
const message = (value = "{}") => ({ id: uuidv7(systemClock), key: "key", value });

eventBusContract("the event bus in PostgreSQL", async () => {
  const prefix = randomPrefix();
  return { open: () => open(prefix), remove: async () => undefined };
});

describe("the event bus in PostgreSQL", () => {
  /** Ends the connections of this database that fit; says how many there were. */
  const terminate = async (condition: string) =>
    (
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and ${condition}`,
      )
    ).length;

  it("gives a batch again whose consumer lost its connection before the commit", async () => {
    const bus = open(randomPrefix());
    const sent = message();
    await bus.publish("logs", [sent]);
    const received: string[] = [];
    const { promise: again, resolve } = Promise.withResolvers<void>();
    await bus.consume({
      group: "group",
      topics: ["logs"],
      handle: async ([first]) => {
        received.push(first?.id ?? "");
        if (received.length === 1) expect(await terminate("state = 'idle in transaction'")).toBe(1);
        else resolve();
      },
    });
    await again;
    await bus.close();
    expect(received).toEqual([sent.id, sent.id]);
    expect(await bus.lag("group", ["logs"])).toEqual({ logs: 0 });
  });

  it("goes on receiving when its listening connection is lost", async () => {
    const bus = open(randomPrefix());
    const ids: string[] = [];
    let onMessage = () => {};
    await bus.consume({
      group: "group",
      topics: ["logs"],
      handle: async (batch) => {
        ids.push(...batch.map(({ id }) => id));
        onMessage();
      },
    });
    for (const loss of [false, true, false]) {
      // It may still be on its way.
      while (loss && (await terminate("query ilike 'listen%'")) === 0);
      const { promise, resolve } = Promise.withResolvers<void>();
      onMessage = resolve;
      await bus.publish("logs", [message()]);
      await promise;
    }
    await bus.close();
    expect(ids).toHaveLength(3);
  });

  it("removes messages past their topic's retention, each topic's its own, or the settings'", async () => {
    const prefix = randomPrefix();
    const bus = open(prefix);
    for (const topic of ["logs", "logs.dead"] as const) await bus.publish(topic, [message(), message()]);
    await database.execute(
      `update bus_messages set published_at = now() - interval '3 days 1 minute'
       where seq in (select min(seq) from bus_messages where topic like $1 group by topic)`,
      [`${prefix}%`],
    );
    await bus.applyTopics();
    expect(await bus.lag("group", ["logs", "logs.dead"])).toEqual({ logs: 1, "logs.dead": 2 });
    await bus.close();
    const impatient = open(prefix, { DEAD_TOPICS_RETENTION_DAYS: 3 });
    await impatient.applyTopics();
    expect(await impatient.lag("group", ["logs", "logs.dead"])).toEqual({ logs: 1, "logs.dead": 1 });
    await impatient.close();
  });

  it("says that the event bus is away, not what the driver says", async () => {
    const bus = open("");
    await database.execute("alter table bus_messages rename to elsewhere");
    await expect(bus.publish("logs", [message()])).rejects.toMatchObject({
      code: "EVENT_BUS_UNAVAILABLE",
      retriable: true,
    });
    await database.execute("alter table elsewhere rename to bus_messages");
    await bus.publish("logs", [message()]);
    await bus.close();
  });
});
