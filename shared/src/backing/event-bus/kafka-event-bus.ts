import type { TopicName } from "../../contracts/topics.ts";
import { MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { inBatches } from "./batches.ts";
import { type BusMessage, type Consumer, type EventBus, PUBLISH_LIMITS } from "./event-bus.ts";
import {
  createKafkaClient,
  GZIP,
  ID_HEADER,
  type KafkaAdmin,
  type KafkaSettings,
  type ProducerRecord,
} from "./kafka-client.ts";
import { consumeFromKafka } from "./kafka-consumer.ts";
import { explainKafkaError } from "./kafka-errors.ts";
import { applyKafkaTopics } from "./kafka-topics.ts";
import { keepClient } from "./kept-client.ts";
import { type TopicRetention, topicSettingsOf } from "./topic-settings.ts";

/** A check that hangs is one that failed, in milliseconds. */
const PING_MS = 3_000;

/** All replicas that are in sync have the message. */
const ALL_REPLICAS = -1;

export interface KafkaEventBusOptions {
  settings: KafkaSettings & TopicRetention;
  clientId: string;
  log: Logger;
  /** What topics and groups begin with, so that several buses may share the servers. Nothing unless given. */
  topicPrefix?: string;
}

/**
 * The event bus in Kafka. Nothing is sent before the first call; connections that are lost are made again.
 * Calls throw SETTINGS_INVALID where Kafka refuses the login or the encryption, else what the port says.
 * @throws SETTINGS_INVALID
 */
export function createKafkaEventBus({ settings, clientId, log, topicPrefix = "" }: KafkaEventBusOptions): EventBus {
  const kafka = createKafkaClient(settings, clientId, log);
  const admin = keepClient(kafka.admin);
  const producer = keepClient(kafka.producer);
  const consumers = new Set<Consumer>();
  const nameOf = (topic: TopicName) => `${topicPrefix}${topic}`;
  const topics = topicSettingsOf(settings).map((topic) => ({ ...topic, name: nameOf(topic.topic) }));
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw explainKafkaError(error, kafka.where);
    });
  let sending: Promise<unknown> = Promise.resolve();

  return {
    applyTopics: () => explained(admin.use((client) => applyKafkaTopics(client, topics))),
    publish: (topic, messages) => {
      if (messages.length === 0) return Promise.resolve();
      const send = async () => {
        for (const some of inBatches(messages, PUBLISH_LIMITS, ({ value }) => Buffer.byteLength(value))) {
          await producer.use((client) => client.send(recordsOf(nameOf(topic), some)));
        }
      };
      // One at a time: a call that is sent again would otherwise meet another's sequence numbers.
      const sent = sending.then(send);
      sending = sent.catch(() => undefined);
      return explained(sent);
    },
    consume: async (options) => {
      const inner = consumeFromKafka({ ...options, kafka, admin, log, topicPrefix });
      const consumer: Consumer = {
        problem: inner.problem,
        stop: async () => {
          await inner.stop();
          consumers.delete(consumer);
        },
      };
      consumers.add(consumer);
      return consumer;
    },
    lag: (group, topics) =>
      explained(
        admin.use(async (client) => {
          const lags = topics.map(async (topic) => [
            topic,
            await lagOf(client, `${topicPrefix}${group}`, nameOf(topic)),
          ]);
          return Object.fromEntries(await Promise.all(lags));
        }),
      ),
    ping: () => explained(withinPing(admin.use((client) => client.describeCluster()))),
    close: async () => {
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await Promise.all([producer.close(), admin.close()]);
    },
  };
}

function recordsOf(topic: string, messages: readonly BusMessage[]): ProducerRecord {
  return {
    topic,
    acks: ALL_REPLICAS,
    compression: GZIP,
    messages: messages.map(({ id, key, value }) => ({ key, value, headers: { [ID_HEADER]: id } })),
  };
}

async function lagOf(admin: KafkaAdmin, groupId: string, topic: string): Promise<number> {
  const [ends, positions] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const committed = new Map(
    positions.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, Number(offset)])),
  );
  // A group that has committed nothing has -1; what retention has removed is to be received no more.
  return ends
    .map(({ partition, high, low }) => Number(high) - Math.max(committed.get(partition) ?? -1, Number(low)))
    .reduce((sum, waiting) => sum + Math.max(0, waiting), 0);
}

async function withinPing(work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () =>
    reject(new MarqueeError("EVENT_BUS_UNAVAILABLE", `The event bus does not answer in ${PING_MS} ms.`));
  const timer = setTimeout(late, PING_MS);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
