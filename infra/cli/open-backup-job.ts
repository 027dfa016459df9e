import { systemClock } from "@marquee/shared/service/clock";
import type { BackupContext } from "@marquee/workhorse/backup/backup-context";
import { openBackups } from "@marquee/workhorse/backup/open-backups";
import { type LocalOptions, optionsOf } from "../local/options.ts";
import { chooseProfile } from "../local/profile.ts";
import { type Job, type OpenJobOptions, openDatabase, openLog, openObjects } from "./open-job.ts";

/** What commands on backups work on: the database is opened by those that write to one. */
export interface BackupJob extends Pick<Job, "close"> {
  context: Omit<BackupContext, "database">;
  /** @param url another than the settings name; it is neither migrated nor claimed, so that an empty one stays empty */
  withDatabase(url?: string): Promise<BackupContext>;
}

/**
 * Opens the stores that the settings name, or the profile's folder, as `openJob` does.
 * @throws SETTINGS_INVALID, USAGE
 */
export async function openBackupJob({ flags, signal, onProgress, onNotice }: OpenJobOptions): Promise<BackupJob> {
  const options: LocalOptions = optionsOf(flags);
  const profile = chooseProfile(options);
  const log = openLog(options, profile);
  const objectStore = await openObjects(options, profile);
  const backups = await openBackups(options, objectStore);
  const context = { objectStore, backups, clock: systemClock, log, signal, onProgress, onNotice };
  let close = async () => {};
  return {
    context,
    withDatabase: async (url = options.DATABASE_URL) => {
      const opened = await openDatabase({ ...options, DATABASE_URL: url }, { profile, log, signal });
      close = () => opened.close(signal);
      return { ...context, database: opened.database };
    },
    close: () => close(),
  };
}
