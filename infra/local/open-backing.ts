import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openPublishing, type Publishing } from "@marquee/shared/backing/event-bus/open-publishing";
import type { LogStore } from "@marquee/shared/backing/log-store/log-store";
import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { type OpenObjectStoreOptions, openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { lockFolder } from "@marquee/shared/backing/postgres/folder-lock";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import type { ModelTracking } from "@marquee/shared/backing/tracking/model-tracking";
import { openTracking } from "@marquee/shared/backing/tracking/open-tracking";
import { claimDatabase } from "./claim-database.ts";
import { claimObjectStore } from "./claim-object-store.ts";
import { emptyProfile } from "./empty-profile.ts";
import type { LocalApp } from "./local-app.ts";

/** What everything of this process works on. */
export interface Backing extends Publishing {
  database: Database;
  databaseUrl: string;
  objectStore: ObjectStore;
  onlineStore: OnlineStore;
  logStore: LogStore;
  /** Undefined where models are mirrored nowhere. */
  tracking: ModelTracking | undefined;
}

/**
 * Opens the servers that the settings name, or the embedded ones in the profile's folder, which is this process's alone
 * from here on.
 * @param serving whether predictions are answered yet; until then the chain itself says that the database is gone
 * @throws ALREADY_RUNNING, SETTINGS_INVALID, FOLDER_UNUSABLE, DISK_FULL; what the servers' adapters say where they are away
 */
export async function openBacking(app: LocalApp, serving: () => boolean): Promise<Backing> {
  const { options, profile, clock, log, lifecycle, metrics } = app;
  mkdirSync(profile.folder, { recursive: true });
  const lock = lockFolder(profile.folder);
  lifecycle.onStop("folder lock", lock.release);
  if (options.fresh) emptyProfile(profile);
  const objectStore = await openObjects(app);
  const { database, databaseUrl } = await openDatabase(app, serving);
  await migrate(database, log);
  await claimDatabase(database, clock, profile);
  const publishing = await openPublishing({
    settings: {
      ...options,
      DATABASE_URL: databaseUrl,
      SPOOL_FOLDER: options.SPOOL_FOLDER ?? join(profile.folder, "spool"),
    },
    database,
    context: { ...app, service: "local", metrics: metrics.local },
    // Profiles may share a Kafka, and must not share what is in it. A database is one profile's.
    topicPrefix: options.KAFKA_BROKERS === undefined ? "" : `${profile.name}.`,
  });
  const onlineStore = await openOnline(app);
  const logStore = await openLogStore({ settings: options, database });
  lifecycle.onStop("log store", () => logStore.close());
  const tracking = openTracking(options, objectStore);
  lifecycle.onStop("tracking", () => tracking?.close());
  return { ...publishing, database, databaseUrl, objectStore, onlineStore, logStore, tracking };
}

async function openDatabase(
  { options, profile, log, lifecycle, reporter }: LocalApp,
  serving: () => boolean,
): Promise<Pick<Backing, "database" | "databaseUrl">> {
  let url = options.DATABASE_URL;
  if (url === undefined) {
    const postgres = await startEmbeddedPostgres({
      folder: join(profile.folder, "postgres"),
      log,
      onUnexpectedExit: (reason) => {
        log.error({ reason }, "the embedded database ended");
        if (!serving()) return;
        reporter.line(
          `The database ended (${reason}). Predictions go on from memory, and what was committed is kept: stop with Ctrl-C and start again.`,
        );
      },
    });
    lifecycle.onStop("embedded PostgreSQL", () => postgres.stop());
    url = postgres.url;
  }
  const database = connectDatabase({ url, log });
  lifecycle.onStop("database connections", () => database.close());
  return { database, databaseUrl: url };
}

/** The object store that the settings name, else a folder of the profile's. */
export function objectStoreOf({ options, profile }: LocalApp): OpenObjectStoreOptions {
  return {
    url: options.OBJECT_STORE_URL ?? pathToFileURL(join(profile.folder, "objects")).href,
    endpoint: options.S3_ENDPOINT,
    region: options.AWS_REGION,
  };
}

async function openObjects(app: LocalApp): Promise<ObjectStore> {
  const { profile } = app;
  const objectStore = await openObjectStore(objectStoreOf(app));
  await claimObjectStore(objectStore, profile);
  return objectStore;
}

/** Profiles may share a Redis: each has keys of its own. */
async function openOnline({ options, profile, clock, log, lifecycle }: LocalApp): Promise<OnlineStore> {
  const { REDIS_URL: url } = options;
  const onlineStore =
    url === undefined
      ? createMemoryOnlineStore(clock)
      : openOnlineStore({ url, clock, log, namespace: `marquee:${profile.name}` });
  lifecycle.onStop("online store", () => onlineStore.close());
  // Asked before the work: an address that is wrong shows now, and not after a crawl.
  await onlineStore.watermarks();
  return onlineStore;
}
