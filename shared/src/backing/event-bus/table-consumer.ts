import type { TopicName } from "../../contracts/topics.ts";
import { errorMessage } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database } from "../postgres/database.ts";
import {
  type ConsumeOptions,
  type Consumer,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  RETRY_AFTER_MS,
  type ReceivedMessage,
} from "./event-bus.ts";
import type { Waiter } from "./wake-ups.ts";

interface MessageRow {
  seq: number | string;
  message_id: string;
  key: string;
  value: string;
  published_at: Date;
}

export interface TableConsumerOptions extends ConsumeOptions {
  database: Database;
  log: Logger;
  waiter: Waiter;
  /** A topic's name in the table. */
  nameOf(topic: TopicName): string;
}

/**
 * Takes a group's next messages from `bus_messages`, topic by topic. The group's row in `bus_positions` is its lock:
 * it is held from reading to commit, so that one member has a topic's next batch and a member that dies lets go of it.
 */
export function consumeFromTables(options: TableConsumerOptions): Consumer {
  const { topics, waiter, log, group } = options;
  const problems = new Map<TopicName, { reason: string; retryAt: number }>();
  const joined = new Set<TopicName>();
  let stopping = false;

  async function tryTopic(topic: TopicName): Promise<boolean> {
    if ((problems.get(topic)?.retryAt ?? 0) > performance.now()) return false;
    try {
      if (!joined.has(topic)) await beginAtFirst(options, topic);
      joined.add(topic);
      const stored = (await hasMore(options, topic)) && (await takeBatch(options, topic)) > 0;
      problems.delete(topic);
      return stored;
    } catch (error) {
      const reason = errorMessage(error);
      if (problems.get(topic)?.reason !== reason) {
        log.warn({ err: error, group, topic }, "a batch was not stored; it comes again");
      }
      problems.set(topic, { reason, retryAt: performance.now() + RETRY_AFTER_MS });
      return false;
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      let any = false;
      for (const topic of topics) if (!stopping && (await tryTopic(topic))) any = true;
      if (!any && !stopping) await waiter.next();
    }
    waiter.cancel();
  }

  const finished = run();
  return {
    stop: () => {
      stopping = true;
      waiter.wake();
      return finished;
    },
    problem: () => {
      for (const [topic, { reason }] of problems) return `${topic}: ${reason}`;
      return undefined;
    },
  };
}

/** A group that is new to a topic begins before its first message. */
async function beginAtFirst({ database, group, nameOf }: TableConsumerOptions, topic: TopicName): Promise<void> {
  await database.execute(
    "insert into bus_positions (consumer_group, topic, seq) values ($1, $2, 0) on conflict do nothing",
    [group, nameOf(topic)],
  );
}

/** Asked first, since a lock is written to the disk, and most looks find nothing. */
async function hasMore({ database, group, nameOf }: TableConsumerOptions, topic: TopicName): Promise<boolean> {
  const rows = await database.query(
    `select from bus_messages where topic = $2 and seq > (
       select seq from bus_positions where consumer_group = $1 and topic = $2
     ) limit 1`,
    [group, nameOf(topic)],
  );
  return rows.length > 0;
}

/** @returns how many messages were stored: 0 where there are none, or another member has them in hand */
function takeBatch({ database, group, nameOf, handle }: TableConsumerOptions, topic: TopicName): Promise<number> {
  const name = nameOf(topic);
  return database.transaction(async (tx) => {
    const [position] = await tx.query<{ seq: number | string }>(
      "select seq from bus_positions where consumer_group = $1 and topic = $2 for update skip locked",
      [group, name],
    );
    if (position === undefined) return 0;
    const rows = await tx.query<MessageRow>(
      `select seq, message_id, key, value, published_at from (
         select next.*, sum(octet_length(value)) over (order by seq) as bytes from (
           select * from bus_messages where topic = $1 and seq > $2 order by seq limit $3
         ) as next
       ) as summed
       where bytes <= $4 or bytes = octet_length(value) order by seq`,
      [name, position.seq, MAX_BATCH, MAX_BATCH_BYTES],
    );
    const last = rows.at(-1);
    if (last === undefined) return 0;
    await handle(rows.map((row) => toMessage(topic, row)));
    await tx.execute("update bus_positions set seq = $3 where consumer_group = $1 and topic = $2", [
      group,
      name,
      last.seq,
    ]);
    return rows.length;
  });
}

function toMessage(topic: TopicName, row: MessageRow): ReceivedMessage {
  return {
    topic,
    partition: 0,
    offset: String(row.seq),
    id: row.message_id,
    key: row.key,
    value: row.value,
    publishedAt: row.published_at,
  };
}
