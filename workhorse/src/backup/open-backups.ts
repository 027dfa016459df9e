import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import type { objectStoreSettings } from "@marquee/shared/service/backing-settings";
import type { z } from "zod";
import type { Backups } from "./backup-context.ts";
import type { backupEnv } from "./backup-settings.ts";

type ServerSettings = Pick<z.infer<z.ZodObject<typeof objectStoreSettings>>, "S3_ENDPOINT" | "AWS_REGION">;

/**
 * Where backups lie by the settings; the product's own object store unless one is named for them.
 * @throws SETTINGS_INVALID
 */
export async function openBackups(
  settings: z.infer<z.ZodObject<typeof backupEnv>> & ServerSettings,
  objectStore: ObjectStore,
): Promise<Backups> {
  const { BACKUP_STORE_URL: url, S3_ENDPOINT: endpoint, AWS_REGION: region } = settings;
  return {
    store:
      url === undefined ? objectStore : await openObjectStore({ url, endpoint, region, setting: "BACKUP_STORE_URL" }),
    keep: {
      daily: settings.BACKUP_KEEP_DAILY,
      weekly: settings.BACKUP_KEEP_WEEKLY,
      monthly: settings.BACKUP_KEEP_MONTHLY,
    },
  };
}
