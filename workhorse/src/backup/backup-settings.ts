import { setting } from "@marquee/shared/service/env";

const kept = () => setting.integer(0, 1_000);

/** Where backups go, and how many days, weeks and months keep one. */
export const backupEnv = {
  /** `file:///folder` or `s3://bucket/prefix`; unset: the product's own object store. */
  BACKUP_STORE_URL: setting.url("file", "s3").optional(),
  BACKUP_KEEP_DAILY: kept().default(7),
  BACKUP_KEEP_WEEKLY: kept().default(4),
  BACKUP_KEEP_MONTHLY: kept().default(12),
};
