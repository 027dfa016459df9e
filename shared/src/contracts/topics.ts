/**
 * The topics of the event bus: the one place that names them. Messages of one key keep their order; what a consumer
 * cannot store goes to the topic's dead-letter topic with the reason. Days are those unless a setting says otherwise.
 */
export const TOPICS = {
  /** Log lines of every process; key: the instance that wrote them. Contract: `log-line.ts`. */
  logs: { partitions: 3, retentionDays: 3 },
  /** What users did; key: the user's id. Contract: `user-event.ts`. */
  "events.user": { partitions: 3, retentionDays: 30 },
  /** What was predicted; key: the film's id. Contract: `prediction-event.ts`. */
  predictions: { partitions: 3, retentionDays: 30 },
} as const satisfies Record<string, { partitions: number; retentionDays: number }>;

export type LiveTopic = keyof typeof TOPICS;
export type DeadTopic = `${LiveTopic}.dead`;
export type TopicName = LiveTopic | DeadTopic;

/** Dead letters wait for a person, so they are kept longer than what they came from. */
export const DEAD_RETENTION_DAYS = 90;

export const LIVE_TOPICS = Object.keys(TOPICS) as LiveTopic[];

export function deadTopicOf(topic: LiveTopic): DeadTopic {
  return `${topic}.dead`;
}
