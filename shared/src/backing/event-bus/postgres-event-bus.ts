import type { TopicName } from "../../contracts/topics.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database } from "../postgres/database.ts";
import { explainedAsBus } from "./bus-errors.ts";
import type { BusMessage, Consumer, EventBus } from "./event-bus.ts";
import { consumeFromTables } from "./table-consumer.ts";
import { type TopicRetention, topicSettingsOf } from "./topic-settings.ts";
import { createWakeUps } from "./wake-ups.ts";

/** On which publishers tell that there is something; the payload is the topic. */
const CHANNEL = "marquee_bus";

/** First half of the advisory locks that put a topic's publishers in a line; the second is the topic's hash. */
const PUBLISH_LOCK = 4_601_008;

/** How often messages past their retention are looked for, in milliseconds. */
const SWEEP_MS = 600_000;

export interface PostgresEventBusOptions {
  settings: TopicRetention;
  database: Database;
  /** The same database, for the connection that listens. */
  databaseUrl: string;
  log: Logger;
  /** What topics and groups begin with, so that several buses may share the tables. Nothing unless given. */
  topicPrefix?: string;
}

/**
 * The event bus in tables of PostgreSQL, for where no Kafka is configured. Any number of processes may publish and
 * consume; within a group one member at a time has a topic's messages, so order holds within a whole topic.
 */
export function createPostgresEventBus(options: PostgresEventBusOptions): EventBus {
  const { settings, database, databaseUrl, log, topicPrefix = "" } = options;
  const nameOf = (topic: TopicName) => `${topicPrefix}${topic}`;
  const wakeUps = createWakeUps(databaseUrl, CHANNEL, log);
  const consumers = new Set<Consumer>();
  let sweeper: NodeJS.Timeout | undefined;

  async function sweep(): Promise<void> {
    for (const { topic, retentionMs } of topicSettingsOf(settings)) {
      await database.execute(
        "delete from bus_messages where topic = $1 and published_at < now() - $2 * interval '1 millisecond'",
        [nameOf(topic), retentionMs],
      );
    }
  }

  return {
    applyTopics: () =>
      explainedAsBus(async () => {
        await sweep();
        sweeper ??= setInterval(() => {
          sweep().catch((error: unknown) => log.warn({ err: error }, "old messages of the event bus were not removed"));
        }, SWEEP_MS).unref();
      }),
    publish: (topic, messages) => explainedAsBus(() => insert(database, nameOf(topic), messages)),
    consume: async ({ group, topics, handle }) => {
      const waiter = wakeUps.waitFor(new Set(topics.map(nameOf)));
      const inner = consumeFromTables({
        database,
        log,
        waiter,
        nameOf,
        topics,
        handle,
        group: `${topicPrefix}${group}`,
      });
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
    lag: (group, topics) => explainedAsBus(() => countWaiting(database, `${topicPrefix}${group}`, topics, nameOf)),
    ping: () => explainedAsBus(() => database.ping()),
    close: async () => {
      clearInterval(sweeper);
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await wakeUps.close();
    },
  };
}

/**
 * Numbers are given when a row is written and seen when its transaction has ended, so without the lock a reader could
 * pass a number that comes to be seen later, and never read it.
 */
async function insert(database: Database, topic: string, messages: readonly BusMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1, hashtext($2))", [PUBLISH_LOCK, topic]);
    await tx.execute(
      `insert into bus_messages (topic, message_id, key, value)
       select $1, id, key, value
       from unnest($2::text[], $3::text[], $4::text[]) with ordinality as given (id, key, value, place)
       order by place`,
      [topic, messages.map(({ id }) => id), messages.map(({ key }) => key), messages.map(({ value }) => value)],
    );
    await tx.query("select pg_notify($1, $2)", [CHANNEL, topic]);
  });
}

async function countWaiting(
  database: Database,
  group: string,
  topics: readonly TopicName[],
  nameOf: (topic: TopicName) => string,
): Promise<Partial<Record<TopicName, number>>> {
  const rows = await database.query<{ topic: string; waiting: number }>(
    `select wanted.topic, (
       select count(*)::integer from bus_messages as message
       where message.topic = wanted.topic and message.seq > coalesce(position.seq, 0)
     ) as waiting
     from unnest($2::text[]) as wanted (topic)
     left join bus_positions as position on position.topic = wanted.topic and position.consumer_group = $1`,
    [group, topics.map(nameOf)],
  );
  const waiting = new Map(rows.map((row) => [row.topic, row.waiting]));
  return Object.fromEntries(topics.map((topic) => [topic, waiting.get(nameOf(topic)) ?? 0]));
}
