import type { TopicName } from "../../contracts/topics.ts";

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
   * Stores a batch, of one topic and in order. The group's position moves once this has resolved, so a consumer that
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
  /** Makes the topics of `contracts/topics.ts` that are not there, and brings their settings up to the contract. */
  applyTopics(): Promise<void>;
  /**
   * Resolves once the messages are kept where the loss of this process and of the bus's does not touch them.
   * @throws EVENT_BUS_UNAVAILABLE
   */
  publish(topic: TopicName, messages: readonly BusMessage[]): Promise<void>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** Messages that the group has still to receive, by topic. */
  lag(group: string, topics: readonly TopicName[]): Promise<Partial<Record<TopicName, number>>>;
  /** @throws EVENT_BUS_UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}
