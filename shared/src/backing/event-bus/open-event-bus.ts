import type { z } from "zod";
import type { eventBusSettings } from "../../service/backing-settings.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database } from "../postgres/database.ts";
import type { EventBus } from "./event-bus.ts";
import { createPostgresEventBus } from "./postgres-event-bus.ts";

export type EventBusSettings = z.infer<z.ZodObject<typeof eventBusSettings>>;

export interface OpenEventBusOptions {
  settings: EventBusSettings;
  /**
   * Holds the bus where no Kafka is configured; migrated. A consumer has one of its connections while it stores a batch,
   * so it needs more than one.
   */
  database: Database;
  /** The same database. */
  databaseUrl: string;
  log: Logger;
  /** As Kafka's brokers know the process, e.g. its service. */
  clientId: string;
  /** What topics and groups begin with, so that several buses may share their servers. Nothing unless given. */
  topicPrefix?: string;
}

/**
 * The event bus that the settings name: Kafka, or without KAFKA_BROKERS the tables of PostgreSQL. Nothing is sent
 * before the first call.
 * @throws SETTINGS_INVALID
 */
export async function openEventBus(options: OpenEventBusOptions): Promise<EventBus> {
  const { settings } = options;
  const { KAFKA_BROKERS } = settings;
  if (KAFKA_BROKERS === undefined) return createPostgresEventBus(options);
  // Its client takes a while to load: only who has a Kafka pays for it.
  const { createKafkaEventBus } = await import("./kafka-event-bus.ts");
  return createKafkaEventBus({ ...options, settings: { ...settings, KAFKA_BROKERS } });
}
