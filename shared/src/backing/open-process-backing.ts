import type { Check } from "../service/http.ts";
import type { ProcessContext } from "../service/run-process.ts";
import type { EventBus } from "./event-bus/event-bus.ts";
import type { EventPublisher } from "./event-bus/event-publisher.ts";
import type { EventBusSettings } from "./event-bus/open-event-bus.ts";
import { openPublishing } from "./event-bus/open-publishing.ts";
import { connectDatabase, type Database } from "./postgres/database.ts";
import { migrate } from "./postgres/migrate.ts";

/** What every process of the product works with. */
export interface ProcessBacking {
  /** Migrated. */
  database: Database;
  bus: EventBus;
  publisher: EventPublisher;
  /** Of the bus: without it the process goes on, and what it publishes waits on the disk. */
  checks: readonly Check[];
}

/**
 * The database and the event bus of a process that begins, stopped with it: the first thing to open, so that all that
 * is opened later stops before them. The bus may be away.
 * @throws DATABASE_UNAVAILABLE, MIGRATION_REFUSED, DATABASE_NEWER; SETTINGS_INVALID, FOLDER_UNUSABLE, DISK_FULL
 */
export async function openProcessBacking(
  context: ProcessContext<EventBusSettings & { DATABASE_URL: string }>,
): Promise<ProcessBacking> {
  const { settings, log, lifecycle } = context;
  const database = connectDatabase({ url: settings.DATABASE_URL, log });
  lifecycle.onStop("database", () => database.close());
  await migrate(database, log);
  const { bus, publisher, checks } = await openPublishing({ settings, database, context });
  return { database, bus, publisher, checks };
}

/** For a process that can do nothing without the database. */
export function databaseCheck(database: Database): Check {
  return { name: "database", severity: "required", problem: () => database.ping().then(() => undefined) };
}
