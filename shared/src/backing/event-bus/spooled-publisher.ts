import { join } from "node:path";
import type { TopicName } from "../../contracts/topics.ts";
import type { Clock } from "../../service/clock.ts";
import { errorMessage, MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import type { Metrics } from "../../service/metrics.ts";
import { type DiskSpool, openDiskSpool } from "./disk-spool.ts";
import { type BusMessage, type EventBus, MAX_MESSAGE_BYTES, PUBLISH_LIMITS } from "./event-bus.ts";
import type { EventPublisher } from "./event-publisher.ts";
import { createOutbox, type Outgoing } from "./outbox.ts";
import { createSpoolRoute } from "./spool-route.ts";
import type { SpooledMessage } from "./spool-segment.ts";

export interface PublisherOptions {
  bus: EventBus;
  /** Where the spools of all services lie; each has a folder of its own in it. */
  folder: string;
  /** What this process may have on the disk. */
  maxBytes: number;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
  service: string;
}

/**
 * A publisher whose messages outlive the bus's absence and this process. What an ended process of the same service has
 * left in its spool is sent before anything new. At least once: after a failure a message may come again, under its id.
 * @throws FOLDER_UNUSABLE, DISK_FULL
 */
export async function createEventPublisher(options: PublisherOptions): Promise<EventPublisher> {
  const { bus, folder, maxBytes, log, metrics, clock, service } = options;
  const spool = await openDiskSpool({ folder: join(folder, service), maxBytes, clock, log });
  const counts = createCounts(metrics, spool);
  const route = createSpoolRoute({ spool, limits: PUBLISH_LIMITS, log, send: createSender(bus, counts.published) });
  const outbox = createOutbox(PUBLISH_LIMITS, async (batch) => {
    const { lost, reason } = await route.take(batch);
    // Whoever waits hears of the loss first; that all is well then changes nothing any more.
    for (const entry of lost) lose(entry, reason);
    for (const { settle } of batch) settle?.();
  });
  let stopped: Promise<void> | undefined;

  function lose({ topic, settle }: Outgoing, reason: unknown): void {
    if (settle === undefined) counts.dropped(topic);
    else settle(spoolFull(reason));
  }

  return {
    offer: (topic, message) => {
      if (stopped !== undefined || refusal(message) || !outbox.offer({ topic, message })) counts.dropped(topic);
    },
    publish: async (topic, message) => {
      const refused = stopped !== undefined ? STOPPED : refusal(message);
      if (refused !== undefined) throw new MarqueeError(...refused);
      await outbox.publish({ topic, message });
    },
    problem: () => route.problem(),
    stop: () => {
      stopped ??= outbox
        .flush()
        .then(() => route.stop())
        .then(() => spool.close());
      return stopped;
    },
  };
}

type Refusal = ConstructorParameters<typeof MarqueeError>;

const STOPPED: Refusal = ["EVENT_BUS_UNAVAILABLE", "The process is stopping and publishes nothing more."];

/** What the bus would never take must not stand in the way of what comes after it. */
function refusal({ key, value }: BusMessage): Refusal | undefined {
  const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > MAX_MESSAGE_BYTES) {
    return ["BODY_TOO_LARGE", `A message of ${bytes} bytes is over the event bus's ${MAX_MESSAGE_BYTES}.`];
  }
  // PostgreSQL's text cannot hold it, and JSON has it escaped.
  if (key.includes("\0") || value.includes("\0")) return ["REQUEST_INVALID", "A message contains the character NUL."];
  return undefined;
}

function spoolFull(reason: unknown): MarqueeError {
  const why = reason === undefined ? "" : `: ${errorMessage(reason)}`;
  return new MarqueeError("SPOOL_FULL", `The event bus is away, and the spool on the disk takes no more${why}`, {
    cause: reason,
  });
}

/** Topic by topic; within a topic in order. */
function createSender(bus: EventBus, published: (topic: TopicName, count: number) => void) {
  return async (entries: readonly SpooledMessage[]): Promise<void> => {
    for (const [topic, ofTopic] of Map.groupBy(entries, (entry) => entry.topic)) {
      await bus.publish(
        topic,
        ofTopic.map(({ message }) => message),
      );
      published(topic, ofTopic.length);
    }
  };
}

function createCounts(metrics: Metrics, spool: DiskSpool) {
  const published = metrics.counter({
    name: "messages_published_total",
    help: "Messages that the event bus has taken, those sent again included",
    labels: ["topic"],
  });
  const dropped = metrics.counter({
    name: "messages_dropped_total",
    help: "Messages that were offered and lost: the spool was full, or they were over the size that the bus takes",
    labels: ["topic"],
  });
  const bytes = metrics.gauge({
    name: "spool_bytes",
    help: "Bytes of messages on the disk that the event bus has not taken yet",
    collect: () => bytes.set(spool.bytes),
  });
  return {
    published: (topic: TopicName, count: number) => published.inc({ topic }, count),
    dropped: (topic: TopicName) => dropped.inc({ topic }),
  };
}
