import { DEAD_RETENTION_DAYS, deadTopicOf, LIVE_TOPICS, TOPICS, type TopicName } from "../../contracts/topics.ts";

const DAY_MS = 86_400_000;

export interface TopicSettings {
  topic: TopicName;
  partitions: number;
  retentionMs: number;
}

/** Every topic of the contract, each live one with its dead letters, as the bus is to have it. */
export const TOPIC_SETTINGS: readonly TopicSettings[] = LIVE_TOPICS.flatMap((live) => [
  { topic: live, partitions: TOPICS[live].partitions, retentionMs: TOPICS[live].retentionDays * DAY_MS },
  // Dead letters are few and read by a person, so they need no sharing.
  { topic: deadTopicOf(live), partitions: 1, retentionMs: DEAD_RETENTION_DAYS * DAY_MS },
]);
