import { setTimeout as delay } from "node:timers/promises";
import { MAX_MESSAGE_BYTES } from "./event-bus.ts";
import { type KafkaAdmin, TOPIC_RESOURCE } from "./kafka-client.ts";
import type { TopicSettings } from "./topic-settings.ts";

/** As many copies of each message, where there are so many brokers. */
const REPLICATION = 3;

/** Kafka's mark of an entry that was set on the topic itself; the rest are defaults of the brokers. */
const SET_ON_TOPIC = 1;

/** New topics are known to every broker after some tens of milliseconds as measured. */
const USABLE_DELAY_MS = 50;
const USABLE_ATTEMPTS = 100;

/** Makes what is missing of the topics, under their names there; raises partitions (they cannot be lowered) and alters the rest. */
export async function applyKafkaTopics(
  admin: KafkaAdmin,
  wanted: readonly (TopicSettings & { name: string })[],
): Promise<void> {
  const [{ brokers }, names] = [await admin.describeCluster(), new Set(await admin.listTopics())];
  const missing = wanted.filter(({ name }) => !names.has(name));
  if (missing.length > 0) {
    // Where another process was quicker it made the same.
    await admin.createTopics({
      // Its way of waiting takes a topic that the brokers have not told each other of yet for an error.
      waitForLeaders: false,
      topics: missing.map(({ name, partitions, retentionMs }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: Math.min(REPLICATION, brokers.length),
        configEntries: toEntries(configOf(retentionMs)),
      })),
    });
    await untilUsable(
      admin,
      missing.map(({ name }) => name),
    );
  }
  const present = wanted.filter(({ name }) => names.has(name));
  if (present.length === 0) return;
  await raisePartitions(admin, present);
  for (const { name, retentionMs } of present) await alterConfig(admin, name, configOf(retentionMs));
}

/** @throws what Kafka says of them last, where they are not within seconds */
async function untilUsable(admin: KafkaAdmin, topics: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // Asked of each partition's leader, so that each has one which knows that it is.
      for (const topic of topics) await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (attempt === USABLE_ATTEMPTS) throw error;
      await delay(USABLE_DELAY_MS);
    }
  }
}

type Config = Record<string, string>;

function configOf(retentionMs: number): Config {
  return {
    "retention.ms": String(retentionMs),
    "cleanup.policy": "delete",
    // A batch of the publisher holds half a message of the largest size, then at most one such message more.
    // Ours is the only one that our client reads: whatever else somebody writes with, the broker turns it into that.
    "compression.type": "gzip",
    "max.message.bytes": String(2 * MAX_MESSAGE_BYTES),
  };
}

function toEntries(config: Config): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

async function raisePartitions(
  admin: KafkaAdmin,
  wanted: readonly { name: string; partitions: number }[],
): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ name }) => name) });
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const topicPartitions = wanted
    .filter(({ name, partitions }) => (counts.get(name) ?? partitions) < partitions)
    .map(({ name, partitions }) => ({ topic: name, count: partitions }));
  if (topicPartitions.length === 0) return;
  await admin.createPartitions({ topicPartitions });
  await untilUsable(
    admin,
    topicPartitions.map(({ topic }) => topic),
  );
}

async function alterConfig(admin: KafkaAdmin, name: string, wanted: Config): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC_RESOURCE, name }],
  });
  const entries = resources.flatMap(({ configEntries }) => configEntries);
  const value = (key: string) => entries.find(({ configName }) => configName === key)?.configValue;
  if (Object.keys(wanted).every((key) => value(key) === wanted[key])) return;
  // Kafka replaces all that was set on the topic, so what somebody else has set is given again.
  const kept = entries.filter(({ configSource }) => configSource === SET_ON_TOPIC);
  const config = {
    ...Object.fromEntries(kept.map(({ configName, configValue }) => [configName, configValue])),
    ...wanted,
  };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: TOPIC_RESOURCE, name, configEntries: toEntries(config) }],
  });
}
