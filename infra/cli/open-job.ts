import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger, type Logger } from "@marquee/shared/service/logger";
import { makeFolder } from "@marquee/shared/service/make-folder";
import { type Archive, createArchive } from "@marquee/workhorse/archive/archive";
import type { TaskContext } from "@marquee/workhorse/tasks/task-context";
import { pino } from "pino";
import { claimDatabase } from "../local/claim-database.ts";
import { claimObjectStore } from "../local/claim-object-store.ts";
import { type LocalFlags, type LocalOptions, optionsOf } from "../local/options.ts";
import { chooseProfile, type Profile } from "../local/profile.ts";
import { createSources, type Sources } from "../local/sources.ts";
import { openProfileDatabase, type ProfileDatabase } from "./profile-database.ts";
import { serversProfile } from "./servers-profile.ts";

/** Where a command works, beside the settings: MARQUEE_HOME, and a folder of films instead of the sample. */
export type JobFlags = Pick<LocalFlags, "home" | "data">;

export interface OpenJobOptions {
  flags: JobFlags;
  /** Aborted when the work is to end. */
  signal: AbortSignal;
  onProgress: TaskContext["onProgress"];
  onNotice?: TaskContext["onNotice"];
}

/** What a command works on. */
export interface Job {
  context: TaskContext;
  archive: Archive;
  options: LocalOptions;
  /** Whose films it holds. */
  profile: Profile;
  sources: Sources;
  /** Closes all that was opened. */
  close(): Promise<void>;
}

/**
 * Opens what `npm start` would with the same settings: the servers that DATABASE_URL and OBJECT_STORE_URL name, or the
 * profile's folder with its embedded database, also while `npm start` runs there. An empty database is migrated.
 * @throws SETTINGS_INVALID with all wrong settings at once, USAGE, FOLDER_UNUSABLE, ALREADY_RUNNING; what the servers' adapters say where
 *   they are away
 */
export async function openJob({ flags, signal, onProgress, onNotice }: OpenJobOptions): Promise<Job> {
  const options = optionsOf(flags);
  const chosen = chooseProfile(options);
  const log = openLog(options, chosen);
  const objectStore = await openObjects(options, chosen);
  const { database, close } = await openDatabase(options, { profile: chosen, log, signal });
  try {
    await migrate(database, log);
    // Workers that share these servers claim nothing: what they hold is the real sources'.
    const onServers = options.DATABASE_URL !== undefined && options.OBJECT_STORE_URL !== undefined;
    const profile = onServers ? await serversProfile(database, options, chosen) : chosen;
    await claimDatabase(database, systemClock, profile);
    await claimObjectStore(objectStore, profile);
    return {
      context: { database, objectStore, clock: systemClock, log, signal, onProgress, onNotice },
      archive: createArchive(objectStore, systemClock),
      options,
      profile,
      sources: createSources({ options, profile, clock: systemClock, log }),
      close: () => close(signal),
    };
  } catch (error) {
    await close(AbortSignal.abort());
    throw error;
  }
}

export function openObjects(options: LocalOptions, { folder }: Profile): Promise<ObjectStore> {
  return openObjectStore({
    url: options.OBJECT_STORE_URL ?? pathToFileURL(join(folder, "objects")).href,
    endpoint: options.S3_ENDPOINT,
    region: options.AWS_REGION,
  });
}

/** Beside that of `npm start`, or in MARQUEE_HOME itself where no profile's folder is used. */
export function openLog(options: LocalOptions, { folder }: Profile): Logger {
  const inFolder = options.DATABASE_URL === undefined || options.OBJECT_STORE_URL === undefined;
  const where = inFolder ? folder : options.MARQUEE_HOME;
  makeFolder(where);
  return createLogger("command", options.LOG_LEVEL, pino.destination({ dest: join(where, "marquee.log"), sync: true }));
}

export async function openDatabase(
  { DATABASE_URL: url }: LocalOptions,
  common: { profile: Profile; log: Logger; signal: AbortSignal },
): Promise<ProfileDatabase> {
  if (url === undefined) return openProfileDatabase(common);
  const database = connectDatabase({ url, log: common.log });
  return { database, close: () => database.close() };
}
