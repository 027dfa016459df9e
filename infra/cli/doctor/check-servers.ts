import { openEventBus } from "@marquee/shared/backing/event-bus/open-event-bus";
import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { openTracking } from "@marquee/shared/backing/tracking/open-tracking";
import { createLogger } from "@marquee/shared/service/logger";
import type { DoctorSettings } from "./doctor-settings.ts";
import { ok, type Verdict } from "./finding.ts";

const IN_TABLES = "in PostgreSQL's tables";

export async function checkEventBus(settings: DoctorSettings): Promise<Verdict> {
  const { KAFKA_BROKERS: brokers } = settings;
  if (brokers === undefined) return ok(IN_TABLES);
  const { database, databaseUrl } = unusedDatabase(settings);
  const log = createLogger("doctor", "silent");
  const bus = await openEventBus({ settings, database, databaseUrl, log, clientId: "doctor" });
  try {
    await bus.ping();
    return ok(`Kafka at ${brokers}`);
  } finally {
    await bus.close();
  }
}

export async function checkLogStore(settings: DoctorSettings): Promise<Verdict> {
  const { ELASTICSEARCH_URL: url } = settings;
  if (url === undefined) return ok(IN_TABLES);
  const store = await openLogStore({ settings, database: unusedDatabase(settings).database });
  try {
    await store.ping();
    return ok(`Elasticsearch at ${new URL(url).host}`);
  } finally {
    await store.close();
  }
}

export async function checkTracking(settings: DoctorSettings): Promise<Verdict> {
  const { MLFLOW_TRACKING_URI: url } = settings;
  const tracking = openTracking(settings);
  if (tracking === undefined || url === undefined) return ok(IN_TABLES);
  try {
    await tracking.ping();
    return ok(`MLflow at ${new URL(url).host}`);
  } finally {
    await tracking.close();
  }
}

/** For adapters that take a database in case that no server is named: one is, so nothing is ever asked of it. */
function unusedDatabase({ DATABASE_URL: databaseUrl = "postgres://127.0.0.1/unused" }: DoctorSettings): {
  database: Database;
  databaseUrl: string;
} {
  return { database: connectDatabase({ url: databaseUrl, log: createLogger("doctor", "silent") }), databaseUrl };
}
