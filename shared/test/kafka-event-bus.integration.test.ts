import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventBusContract } from "../src/backing/event-bus/event-bus.contract.ts";
import type { EventBus } from "../src/backing/event-bus/event-bus.ts";
import { createKafkaClient, type KafkaAdmin, TOPIC_RESOURCE } from "../src/backing/event-bus/kafka-client.ts";
import { createKafkaEventBus } from "../src/backing/event-bus/kafka-event-bus.ts";
import { eventBusSettings } from "../src/service/backing-settings.ts";
import { createLogger } from "../src/service/logger.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const brokers = serverSetting("KAFKA_BROKERS") ?? "";
const log = createLogger("test", "silent");
const settings = { ...z.object(eventBusSettings).parse({}), KAFKA_BROKERS: brokers };
const PATIENT = { timeout: 20_000, interval: 50 };
const randomPrefix = () => `test-${randomBytes(4).toString("hex")}-`;
const open = (topicPrefix: string, changes = {}) =>
  createKafkaEventBus({ settings: { ...settings, ...changes }, clientId: "test", log, topicPrefix });

async function asAdmin<T>(work: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  const admin = createKafkaClient(settings, "test-admin", log).admin();
  await admin.connect();
  return work(admin).finally(() => admin.disconnect());
}

function removeAll(prefix: string): Promise<void> {
  return asAdmin(async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    await admin.deleteTopics({ topics });
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    await admin.deleteGroups(groups.filter((group) => group.startsWith(prefix)));
  });
}

describe.skipIf(brokers === "")("in a real Kafka", () => {
  eventBusContract("the event bus in Kafka", async () => {
    const prefix = randomPrefix();
    return { open: () => open(prefix), remove: () => removeAll(prefix) };
  });
});

describe.skipIf(brokers === "")("the event bus in Kafka", () => {
  it("brings topics that are there up to the contract and the settings, and keeps what others have set on them", async () => {
    const prefix = randomPrefix();
    const topic = `${prefix}logs`;
    await asAdmin(async (admin) => {
      const configEntries = [
        { name: "retention.ms", value: "1000" },
        { name: "segment.ms", value: "123456" },
        { name: "compression.type", value: "zstd" },
      ];
      await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
      await expect.poll(() => admin.listTopics()).toContain(topic);
    });
    const bus = open(prefix, { LOGS_TOPIC_RETENTION_DAYS: 5 });
    await bus.applyTopics();
    await bus.close();
    await asAdmin(async (admin) => {
      // The broker that is asked may hear of a change a moment after the one that made it.
      await expect
        .poll(async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length)
        .toBe(3);
      await expect
        .poll(async () => {
          const resource = { type: TOPIC_RESOURCE, name: topic };
          const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
          const entries = resources.flatMap(({ configEntries }) => configEntries);
          return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
        })
        .toMatchObject({
          "retention.ms": String(5 * 86_400_000),
          "segment.ms": "123456",
          "cleanup.policy": "delete",
          "compression.type": "gzip",
        });
    });
    await removeAll(prefix);
  });

  it.each([
    ["nobody listens there", { KAFKA_BROKERS: "127.0.0.1:1" }, "EVENT_BUS_UNAVAILABLE", /ECONNREFUSED/],
    ["it speaks no TLS", { KAFKA_TLS: "true" }, "EVENT_BUS_UNAVAILABLE", /cannot be used/],
    [
      "it knows no login of this kind",
      { KAFKA_USERNAME: "marquee", KAFKA_PASSWORD: "not-the-password" },
      "SETTINGS_INVALID",
      /refuses the login/,
    ],
  ])("says so in words where %s", async (_what, changes, code, words) => {
    const bus = open(randomPrefix(), changes);
    const error = await bus.publish("logs", [{ id: "1", key: "1", value: "1" }]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(String(error)).not.toContain("not-the-password");
    await bus.close();
  });

  it("refuses settings that cannot be meant", () => {
    expect(() => open("", { KAFKA_BROKERS: "kafka://127.0.0.1:9092" })).toThrow(/KAFKA_BROKERS: accepted is host:port/);
    expect(() => open("", { KAFKA_USERNAME: "marquee" })).toThrow(/set both or none/);
  });

  it("does not hold a partition against a consumer that has become another member's", async () => {
    const prefix = randomPrefix();
    const buses = [open(prefix), open(prefix), open(prefix)];
    const [bus, ...others] = buses as [EventBus, ...EventBus[]];
    await bus.applyTopics();
    const sent = Array.from({ length: 60 }, (_, i) => ({ id: String(i), key: `key ${i}`, value: "1" }));
    await bus.publish("logs", sent);
    let failing = true;
    const topics = ["logs" as const];
    const consumer = await bus.consume({
      group: "group",
      topics,
      handle: async () => {
        if (failing) throw new TypeError("the sink is full");
      },
    });
    await expect.poll(() => consumer.problem(), PATIENT).toContain("the sink is full");
    for (const other of others) await other.consume({ group: "group", topics, handle: async () => undefined });
    // The two others have two of the three partitions then.
    await expect.poll(async () => (await bus.lag("group", topics)).logs, PATIENT).toBeLessThan(sent.length / 2);
    failing = false;
    await expect.poll(() => consumer.problem(), PATIENT).toBeUndefined();
    await Promise.all(buses.map((each) => each.close()));
    await removeAll(prefix);
  });

  it("waits for topics that are not there yet, and says so", async () => {
    const prefix = randomPrefix();
    const bus = open(prefix);
    const { promise, resolve } = Promise.withResolvers<string>();
    const consumer = await bus.consume({
      group: "group",
      topics: ["logs"],
      handle: async ([first]) => resolve(first?.id ?? ""),
    });
    expect(consumer.problem()).toContain("not joined");
    await expect(bus.publish("logs", [{ id: "1", key: "1", value: "1" }])).rejects.toMatchObject({
      code: "EVENT_BUS_UNAVAILABLE",
    });
    await bus.applyTopics();
    await bus.publish("logs", [{ id: "2", key: "1", value: "1" }]);
    expect(await promise).toBe("2");
    expect(consumer.problem()).toBeUndefined();
    await bus.close();
    await removeAll(prefix);
  });
});
