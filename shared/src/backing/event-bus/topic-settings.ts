import type { z } from "zod";
import { deadTopicOf, LIVE_TOPICS, type LiveTopic, TOPICS, type TopicName } from "../../contracts/topics.ts";
import type { topicRetentionSettings } from "../../service/backing-settings.ts";

const DAY_MS = 86_400_000;

export type TopicRetention = z.infer<z.ZodObject<typeof topicRetentionSettings>>;

const SETTING_OF = {
  logs: "LOGS_TOPIC_RETENTION_DAYS",
  "events.user": "EVENTS_TOPIC_RETENTION_DAYS",
  predictions: "PREDICTIONS_TOPIC_RETENTION_DAYS",
} as const satisfies Record<LiveTopic, keyof TopicRetention>;

export interface TopicSettings {
  topic: TopicName;
  partitions: number;
  retentionMs: number;
}

/** Every topic of the contract, each live one with its dead letters, as the bus is to have it. */
export function topicSettingsOf(days: TopicRetention): TopicSettings[] {
  return LIVE_TOPICS.flatMap((live) => [
    { topic: live, partitions: TOPICS[live].partitions, retentionMs: days[SETTING_OF[live]] * DAY_MS },
    // Dead letters are few and read by a person, so they need no sharing.
    { topic: deadTopicOf(live), partitions: 1, retentionMs: days.DEAD_TOPICS_RETENTION_DAYS * DAY_MS },
  ]);
}
