import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { BusMessage, EventBus, ReceivedMessage } from "../src/backing/event-bus/event-bus.ts";
import { createKafkaEventBus } from "../src/backing/event-bus/kafka-event-bus.ts";
import { createEventPublisher } from "../src/backing/event-bus/spooled-publisher.ts";
import { eventBusSettings } from "../src/service/backing-settings.ts";
import { systemClock } from "../src/service/clock.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { createLogger } from "../src/service/logger.ts";
import { createMetrics } from "../src/service/metrics.ts";
import { ownServer } from "../src/testing/real-servers.ts";

const server = ownServer("kafka");
const log = createLogger("test", "silent");
const COUNT = 2_000;
const KEYS = 7;

describe.skipIf(server === undefined)("messages on their way to a Kafka of their own", () => {
  let brokers = "";
  let folder = "";
  const buses: EventBus[] = [];
  const openBus = () => {
    const settings = { ...z.object(eventBusSettings).parse({}), KAFKA_BROKERS: brokers };
    const bus = createKafkaEventBus({ settings, clientId: "test", log });
    buses.push(bus);
    return bus;
  };
  const openPublisher = (bus: EventBus) =>
    createEventPublisher({
      ...{ bus, folder, log, clock: systemClock },
      maxBytes: 64 * 1024 * 1024,
      metrics: createMetrics("serving"),
      service: "serving",
    });
  const message = (i: number): BusMessage => ({
    id: uuidv7(systemClock),
    key: `key ${i % KEYS}`,
    value: JSON.stringify({ n: i }),
  });

  beforeAll(async () => {
    brokers = (await server?.start())?.KAFKA_BROKERS ?? "";
    folder = await mkdtemp(join(tmpdir(), "marquee-spool-"));
    await openBus().applyTopics();
  });
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await server?.wipe();
    await rm(folder, { recursive: true, force: true });
  });

  /** Consumes until each of the ids has come. */
  async function receive(
    bus: EventBus,
    topics: readonly ("logs" | "events.user")[],
    expected: () => ReadonlySet<string>,
  ) {
    const received: ReceivedMessage[] = [];
    const { promise: complete, resolve } = Promise.withResolvers<void>();
    const ids = new Set<string>();
    const consumer = await bus.consume({
      group: uuidv7(systemClock),
      topics,
      handle: async (batch) => {
        received.push(...batch);
        for (const { id } of batch) ids.add(id);
        if (ids.isSupersetOf(expected())) resolve();
      },
    });
    return { received, complete, consumer };
  }

  /** The numbers in the order of their first coming, key by key. */
  function firstsByKey(received: readonly ReceivedMessage[]): number[][] {
    const seen = new Set<string>();
    const firsts = received.filter(({ id }) => !seen.has(id) && seen.add(id));
    const groups = Map.groupBy(firsts, ({ topic, key }) => `${topic} ${key}`);
    return [...groups.values()].map((ofKey) => ofKey.map(({ value }) => JSON.parse(value).n));
  }

  it("all arrive, in order within their key, though Kafka is killed amid them and started again", async () => {
    const bus = openBus();
    const publisher = await openPublisher(bus);
    const sent = Array.from({ length: COUNT }, (_, i) => message(i));
    const wanted = new Set(sent.map(({ id }) => id));
    const { received, complete, consumer } = await receive(openBus(), ["logs", "events.user"], () => wanted);
    let killed: Promise<void> | undefined;
    for (const [i, each] of sent.entries()) {
      // Not awaited: messages are under way when it dies.
      if (i === COUNT * 0.3) killed = server?.kill();
      if (i % 4 === 0) publisher.offer("logs", each);
      else await publisher.publish("events.user", each);
    }
    await killed;
    await publisher.publish("events.user", message(COUNT));
    expect(publisher.problem()).toMatch(/bytes of messages wait on the disk/);
    await server?.start();
    await complete;
    for (const numbers of firstsByKey(received)) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    await consumer.stop();
    await publisher.stop();
    expect(publisher.problem()).toBeUndefined();
  });

  it("all arrive though their process stops while Kafka is away: the next one of the service sends them", async () => {
    const bus = openBus();
    const before = await openPublisher(bus);
    const sent = Array.from({ length: 20 }, (_, i) => message(i));
    const wanted = new Set(sent.map(({ id }) => id));
    await before.publish("events.user", sent[0] ?? message(0));
    await server?.kill();
    for (const each of sent.slice(1, 10)) await before.publish("events.user", each);
    await before.stop();
    await bus.close();
    const next = openBus();
    const after = await openPublisher(next);
    for (const each of sent.slice(10)) await after.publish("events.user", each);
    await server?.start();
    const { received, complete, consumer } = await receive(next, ["events.user"], () => wanted);
    await complete;
    const own = received.filter(({ id }) => wanted.has(id));
    for (const numbers of firstsByKey(own)) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    await consumer.stop();
    await after.stop();
  });
});
