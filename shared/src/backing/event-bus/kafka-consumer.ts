import type { TopicName } from "../../contracts/topics.ts";
import { errorMessage, MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { inBatches } from "./batches.ts";
import {
  type ConsumeOptions,
  type Consumer,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  RETRY_AFTER_MS,
  type ReceivedMessage,
} from "./event-bus.ts";
import { HEARTBEAT_MS, ID_HEADER, type KafkaAdmin, type KafkaClient, type KafkaConsumer } from "./kafka-client.ts";
import { explainKafkaError } from "./kafka-errors.ts";
import type { KeptClient } from "./kept-client.ts";
import { pause } from "./pause.ts";

const HANDLED = { messages: MAX_BATCH, bytes: MAX_BATCH_BYTES };
/** Between the end of a membership that failed and the next, in milliseconds. */
const REJOIN_MS = 1_000;
/** A member that heard nothing from Kafka for so long has a problem, in milliseconds; a healthy one hears every second. */
const SILENCE_MS = 10_000;

export interface KafkaConsumerOptions extends ConsumeOptions {
  kafka: KafkaClient;
  admin: KeptClient<KafkaAdmin>;
  log: Logger;
  topicPrefix: string;
}

type RunConfig = NonNullable<Parameters<KafkaConsumer["run"]>[0]>;
type BatchPayload = Parameters<NonNullable<RunConfig["eachBatch"]>>[0];
type KafkaMessage = BatchPayload["batch"]["messages"][number];

/**
 * A member of a group. It joins when Kafka and the topics are there, and again after a failure. A batch that was not
 * stored stops its partition for a moment, not the others.
 */
export function consumeFromKafka(options: KafkaConsumerOptions): Consumer {
  const { log, group, kafka } = options;
  const stopping = new AbortController();
  const health = createHealth();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await checkTopics(options);
        await beMember(options, health, stopping.signal);
      } catch (error) {
        const reason = explainKafkaError(error, kafka.where);
        if (health.connection !== reason.message) log.warn({ err: reason, group }, "the consumer is out of its group");
        health.connection = reason.message;
        await pause(REJOIN_MS, stopping.signal);
      }
    }
  }

  const finished = run();
  return {
    problem: () => health.problem(),
    stop: () => {
      stopping.abort();
      return finished;
    },
  };
}

interface Health {
  /** Why it is no member now. */
  connection: string | undefined;
  /** Why a partition's batch was not stored. */
  readonly batches: Map<string, string>;
  heard(): void;
  problem(): string | undefined;
}

function createHealth(): Health {
  const batches = new Map<string, string>();
  let heardAt = performance.now();
  const health: Health = {
    connection: "The consumer has not joined its group yet.",
    batches,
    heard: () => {
      heardAt = performance.now();
      health.connection = undefined;
    },
    problem: () => {
      const silence = performance.now() - heardAt;
      if (health.connection === undefined && silence > SILENCE_MS) {
        return `The event bus has been silent for ${Math.round(silence / 1000)} seconds.`;
      }
      for (const [partition, reason] of batches) return health.connection ?? `${partition}: ${reason}`;
      return health.connection;
    },
  };
  return health;
}

/** Joining waits long for a Kafka that is away or a topic that is missing, and cannot be stopped meanwhile. */
async function checkTopics({ admin, topics, topicPrefix }: KafkaConsumerOptions): Promise<void> {
  const present = new Set(await admin.use((client) => client.listTopics()));
  const missing = topics.filter((topic) => !present.has(`${topicPrefix}${topic}`));
  if (missing.length === 0) return;
  throw new MarqueeError("EVENT_BUS_UNAVAILABLE", `The event bus does not have the topic ${missing.join(", ")} yet.`);
}

/** Resolves after the signal, when the batch in hand is stored and committed; @throws why it is no member any more */
async function beMember(options: KafkaConsumerOptions, health: Health, signal: AbortSignal): Promise<void> {
  const { kafka, topics, group, topicPrefix } = options;
  const names = new Map(topics.map((topic) => [`${topicPrefix}${topic}`, topic]));
  const consumer = kafka.consumer(`${topicPrefix}${group}`);
  const { promise: crashed, resolve: onCrash } = Promise.withResolvers<Error>();
  consumer.on(consumer.events.CRASH, ({ payload }) => onCrash(payload.error));
  for (const event of [consumer.events.GROUP_JOIN, consumer.events.FETCH, consumer.events.HEARTBEAT]) {
    consumer.on(event, health.heard);
  }
  // Whose batch was not stored may be another member's partition from now on.
  consumer.on(consumer.events.GROUP_JOIN, () => health.batches.clear());
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...names.keys()], fromBeginning: true });
    // Stopped amid joining it would go on by itself afterwards, so stopping waits for it.
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        const topic = names.get(payload.batch.topic);
        if (topic !== undefined) await storeBatch(options, health, topic, payload);
      },
    });
    const error = await Promise.race([crashed, aborted(signal)]);
    if (error !== undefined) throw error;
  } finally {
    await consumer.disconnect();
  }
}

/** Part by part: what is stored is committed before the next part, so that little comes again after a failure. */
async function storeBatch(
  options: KafkaConsumerOptions,
  health: Health,
  topic: TopicName,
  payload: BatchPayload,
): Promise<void> {
  const { batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets, heartbeat } = payload;
  const partition = `${topic}/${batch.partition}`;
  for (const part of inBatches(batch.messages, HANDLED, ({ value }) => value?.length ?? 0)) {
    if (!payload.isRunning() || payload.isStale()) return;
    try {
      await withHeartbeats(heartbeat, () =>
        options.handle(part.map((message) => toReceived(topic, batch.partition, message))),
      );
    } catch (error) {
      const reason = errorMessage(error);
      if (health.batches.get(partition) !== reason) {
        options.log.warn({ err: error, group: options.group, topic }, "a batch was not stored; it comes again");
      }
      health.batches.set(partition, reason);
      setTimeout(payload.pause(), RETRY_AFTER_MS).unref();
      return;
    }
    health.batches.delete(partition);
    resolveOffset(part.at(-1)?.offset ?? batch.lastOffset());
    await commitOffsetsIfNecessary(uncommittedOffsets());
    await heartbeat();
  }
}

/** A member that only stores, and says nothing, would be taken for gone. */
async function withHeartbeats(heartbeat: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  // A rebalance that a heartbeat tells of is told again by the one after the commit.
  const timer = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS);
  await work().finally(() => clearInterval(timer));
}

function toReceived(topic: TopicName, partition: number, message: KafkaMessage): ReceivedMessage {
  return {
    topic,
    partition,
    offset: message.offset,
    id: message.headers?.[ID_HEADER]?.toString() ?? "",
    key: message.key?.toString() ?? "",
    value: message.value?.toString() ?? "",
    publishedAt: new Date(Number(message.timestamp)),
  };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise;
}
