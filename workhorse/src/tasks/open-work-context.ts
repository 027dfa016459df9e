import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { openTracking } from "@marquee/shared/backing/tracking/open-tracking";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import { openBackups } from "../backup/open-backups.ts";
import { retentionOf } from "../data-rights/retention-settings.ts";
import { createSourceClients } from "../sources/source-clients.ts";
import type { TaskSettings } from "./env.ts";
import type { TaskContext } from "./task-context.ts";
import type { WorkContext } from "./work-context.ts";

export interface OpenWorkOptions {
  settings: TaskSettings;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  onProgress: TaskContext["onProgress"];
}

export interface OpenWork {
  context: WorkContext;
  /** Closes every connection. */
  close(): Promise<void>;
}

/**
 * Opens what tasks work on. Nothing is asked of any server yet but what the online store's client asks by itself.
 * @throws SETTINGS_INVALID
 */
export async function openWorkContext({
  settings,
  log,
  clock,
  signal,
  onProgress,
}: OpenWorkOptions): Promise<OpenWork> {
  const objectStore = await openObjectStore({
    url: settings.OBJECT_STORE_URL,
    endpoint: settings.S3_ENDPOINT,
    region: settings.AWS_REGION,
  });
  const tracking = openTracking(settings, objectStore);
  const onlineStore = openOnlineStore({
    url: settings.REDIS_URL,
    clock,
    log,
    namespace: `marquee:${settings.MARQUEE_PROFILE}`,
  });
  const database = connectDatabase({ url: settings.DATABASE_URL, log });
  const { MATURITY_DAYS: maturityDays, TRAINING_BACKEND: backend, TRAINING_SEED: seed } = settings;
  return {
    context: {
      database,
      objectStore,
      cacheFolder: settings.DATASET_FOLDER,
      backups: await openBackups(settings, objectStore),
      onlineStore,
      sources: createSourceClients(settings, { clock, log, signal }),
      tracking,
      options: {
        maturityDays,
        actor: settings.MARQUEE_ACTOR,
        backend,
        seed,
        testFrom: settings.TRAINING_TEST_FROM,
        retention: retentionOf(settings),
      },
      clock,
      log,
      signal,
      onProgress,
    },
    close: async () => {
      await Promise.all([onlineStore.close(), tracking?.close(), database.close()]);
    },
  };
}
