import type { TopicName } from "../../contracts/topics.ts";
import type { BusMessage } from "./event-bus.ts";

/**
 * What processes publish through: batches towards the bus, and a bounded spool on this machine's disk while the bus is
 * away. The spool is sent before anything newer, so a key's order holds.
 */
export interface EventPublisher {
  /**
   * Takes the message and returns at once; for what must never make anyone wait, such as log lines. It is lost only with
   * this process before it is written, or where the spool is full (counted in the metrics).
   */
  offer(topic: TopicName, message: BusMessage): void;
  /**
   * Resolves once the message is in the bus or on this machine's disk.
   * @throws SPOOL_FULL where it is in neither; BODY_TOO_LARGE, REQUEST_INVALID where the bus would never take it;
   *   EVENT_BUS_UNAVAILABLE once the publisher was stopped
   */
  publish(topic: TopicName, message: BusMessage): Promise<void>;
  /** Why messages wait on the disk, and how many bytes; undefined while they pass. */
  problem(): string | undefined;
  /** Sends what it can within a few seconds, spools the rest, and stops. */
  stop(): Promise<void>;
}
