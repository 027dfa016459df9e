import type { EventBus, ReceivedMessage } from "@marquee/shared/backing/event-bus/event-bus";
import { deadTopicOf, type LiveTopic } from "@marquee/shared/contracts/topics";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import { z } from "zod";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { deadLetterOf } from "./dead-letter-of.ts";

/** Where the events of one topic go. */
export interface Sink<Event extends { id: string }> {
  topic: LiveTopic;
  /** Consumers of this name share the topic. */
  group: string;
  /** What a message must be. */
  contract: z.ZodType<Event>;
  /**
   * Stores events under their ids; one that was stored before changes nothing.
   * @returns events that were not stored
   * @throws where none or not all were stored for another reason: the batch then comes again
   */
  store(events: readonly Event[]): Promise<readonly Unstored[]>;
}

/** An event that the sink did not store, and why: it cannot for what the event holds, or must not keep it anywhere. */
export interface Unstored {
  id: string;
  reason: string;
  drop?: true;
}

/** How a message is read: `ok` is for the sink, `deadLetter` for the dead-letter topic. */
type Reading<Event> = { kind: "ok"; event: Event } | { kind: "deadLetter"; reason: string };

export interface StoreBatchOptions<Event extends { id: string }> {
  sink: Sink<Event>;
  bus: Pick<EventBus, "publish">;
  clock: Clock;
  log: Logger;
  metrics: ConsumerMetrics;
}

/**
 * Stores a batch of messages, and puts those that cannot be read or stored into the dead-letter topic with the reason.
 * Once it resolves each message is in one of the two, or dropped on purpose; what it throws leaves the whole batch to
 * come again.
 */
export async function storeBatch<Event extends { id: string }>(
  messages: readonly ReceivedMessage[],
  { sink, bus, clock, log, metrics }: StoreBatchOptions<Event>,
): Promise<void> {
  const readings = messages.map(({ value }) => read(value, sink.contract));
  const events = readings.flatMap((reading) => (reading.kind === "ok" ? [reading.event] : []));
  const unstored = await sink.store(events);
  const dropped = new Set(unstored.filter(({ drop }) => drop).map(({ id }) => id));
  const refusals = new Map(unstored.filter(({ drop }) => !drop).map(({ id, reason }) => [id, reason]));
  const reasons = readings.map((reading) => (reading.kind === "ok" ? refusals.get(reading.event.id) : reading.reason));
  const letters = messages.flatMap((message, i) => {
    const reason = reasons[i];
    return reason === undefined ? [] : [deadLetterOf(message, sink.topic, reason, clock)];
  });
  if (letters.length > 0) {
    await bus.publish(deadTopicOf(sink.topic), letters);
    const reason = reasons.find((given) => given !== undefined);
    log.warn({ topic: sink.topic, messages: letters.length, reason }, "messages went to the dead-letter topic");
  }
  metrics.consumed(sink.topic, "dead", letters.length);
  const drops = readings.filter((reading) => reading.kind === "ok" && dropped.has(reading.event.id)).length;
  metrics.consumed(sink.topic, "dropped", drops);
  metrics.consumed(sink.topic, "stored", messages.length - letters.length - drops);
}

/**
 * Neither Elasticsearch (20 levels) nor PostgreSQL nor `JSON.stringify` takes any depth, and what makes the store itself
 * fail would come again for ever. Our own logger writes no more than eight.
 */
const MAX_LEVELS = 20;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

function read<Event>(value: string, contract: z.ZodType<Event>): Reading<Event> {
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    return { kind: "deadLetter", reason: "It is not JSON." };
  }
  if (isDeeper(json, MAX_LEVELS)) {
    return { kind: "deadLetter", reason: `It is nested deeper than ${MAX_LEVELS} levels.` };
  }
  const parsed = contract.safeParse(json);
  if (parsed.success) return { kind: "ok", event: parsed.data };
  return { kind: "deadLetter", reason: `It does not keep its contract: ${z.prettifyError(parsed.error)}` };
}
