import type { TopicName } from "../../contracts/topics.ts";
import type { BatchLimits } from "./batches.ts";

/** `handle` gets at most so many messages at once. */
export const MAX_BATCH = 500;

/**
 * And no more when their values have so many bytes together: 500 of the largest would be half a gigabyte, which no sink
 * takes at once (Elasticsearch: 100 MB) and no text of V8 holds.
 */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A batch that was not stored comes again after so long, in milliseconds. */
export const RETRY_AFTER_MS = 1_000;

/** Key and value together, in bytes of UTF-8; topics are made so that a message of this size passes. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** One call of the bus has at most so much: with one largest message more it is below what a topic takes at once. */
export const PUBLISH_LIMITS: BatchLimits = { messages: 500, bytes: 512 * 1024 };

export interface BusMessage {
  /** UUIDv7 made at the message's origin: whoever stores it stores it once, however often it is delivered. */
  id: string;
  /** Messages of one key keep their order. */
  key: string;
  /** JSON. */
  value: string;
}

export interface ReceivedMessage extends BusMessage {
  topic: TopicName;
  partition: number;
  offset: string;
  publishedAt: Date;
}

export interface ConsumeOptions {
  /** Consumers of one group share the messages; each group gets all of them, from the topic's beginning. */
  group: string;
  topics: readonly TopicName[];
  /**
   * Stores a batch, of one topic and in order; a consumer has one batch in hand at a time. The group's position moves once this has resolved, so a consumer that
   * is killed gets the batch again; what it throws is logged, and the batch comes again after a pause.
   */
  handle(batch: readonly ReceivedMessage[]): Promise<void>;
}

export interface Consumer {
  /** Finishes the batch in hand, commits it, and leaves the group. */
  stop(): Promise<void>;
  /** Why nothing can be received now, in words; undefined while all is well. */
  problem(): string | undefined;
}

/** Streams of messages between processes: Kafka, or tables of PostgreSQL. At least once; the id makes it once. */
export interface EventBus {
  /**
   * Makes the topics of `contracts/topics.ts` that are not there, and brings their settings up to the contract.
   * @throws EVENT_BUS_UNAVAILABLE
   */
  applyTopics(): Promise<void>;
  /**
   * Resolves once the messages are kept where the loss of this process and of the bus's does not touch them. Who wants
   * order awaits one call before the next; where a call fails, some of its messages may be kept nevertheless.
   * @throws EVENT_BUS_UNAVAILABLE
   */
  publish(topic: TopicName, messages: readonly BusMessage[]): Promise<void>;
  /** Begins at once and goes on until it is stopped, whether the bus is there now or not: see `problem`. */
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** Messages that the group has still to receive, by topic. @throws EVENT_BUS_UNAVAILABLE */
  lag(group: string, topics: readonly TopicName[]): Promise<Partial<Record<TopicName, number>>>;
  /** @throws EVENT_BUS_UNAVAILABLE */
  ping(): Promise<void>;
  /** Stops its consumers, and lets go of the bus. */
  close(): Promise<void>;
}
