import type { EventBus } from "@marquee/shared/backing/event-bus/event-bus";
import type { EventBusSettings } from "@marquee/shared/backing/event-bus/open-event-bus";
import { openPublishing } from "@marquee/shared/backing/event-bus/open-publishing";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { type Check, createHttpApp, listen } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";

/** What the settings of every service of this folder have. */
type ServiceSettings = EventBusSettings & { DATABASE_URL: string; HOST: string; PORT: number };

export interface OpenedService {
  database: Database;
  bus: EventBus;
  checks: readonly Check[];
}

/**
 * The database, migrated, and the bus. The bus may be away: consumers go on once it is there.
 * @throws DATABASE_UNAVAILABLE, SETTINGS_INVALID
 */
export async function openService(context: ProcessContext<ServiceSettings>): Promise<OpenedService> {
  const { settings, log, lifecycle } = context;
  const database = connectDatabase({ url: settings.DATABASE_URL, log });
  lifecycle.onStop("database connections", () => database.close());
  await migrate(database, log);
  const { bus, checks } = await openPublishing({ settings, database, context });
  return { database, bus, checks };
}

/**
 * Answers `/health`, `/ready` and `/metrics`.
 * @throws PORT_TAKEN, ADDRESS_UNUSABLE
 */
export async function answerForService(
  { settings, log, metrics, lifecycle }: ProcessContext<ServiceSettings>,
  checks: readonly Check[],
): Promise<void> {
  const http = createHttpApp({ log, metrics, checks });
  lifecycle.onStop("http", () => http.close());
  const port = await listen(http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "health and metrics are answered");
}

export function databaseCheck(database: Database): Check {
  return {
    name: "database",
    severity: "required",
    problem: () => database.ping().then(() => undefined),
  };
}
