import { schedulingEnv } from "@marquee/controltower/scheduler/env";
import { qualitySettings } from "@marquee/nervous/quality/env";
import {
  eventBusSettings,
  logStoreSettings,
  redisSettings,
  trackingSettings,
} from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { LOG_LEVELS } from "@marquee/shared/service/logger";
import { backupEnv } from "@marquee/workhorse/backup/backup-settings";
import { retentionEnv } from "@marquee/workhorse/data-rights/retention-settings";
import { featureServerEnv } from "@marquee/workhorse/feature-server/env";
import { featureEnv, sourceEnv, trainingEnv } from "@marquee/workhorse/tasks/env";
import { z } from "zod";

/** What `npm start` reads from the environment, `.env` and `.env.<MARQUEE_ENV>`; a flag of the same meaning wins. */
export const localSettings = z.object({
  MARQUEE_ENV: setting.environment(),
  MARQUEE_HOME: setting.text().default(".marquee"),
  HOST: setting.text().default("127.0.0.1"),
  PORT: setting.integer(0, 65_535).default(8080),
  LOG_LEVEL: setting.oneOf(LOG_LEVELS).default("info"),
  DATABASE_URL: setting.url("postgres", "postgresql").optional(),
  OBJECT_STORE_URL: setting.url("file", "s3").optional(),
  S3_ENDPOINT: setting.url("https", "http").optional(),
  AWS_REGION: setting.text().optional(),
  REDIS_URL: redisSettings.REDIS_URL.optional(),
  ...eventBusSettings,
  /** `spool` in the profile's folder unless given. */
  SPOOL_FOLDER: setting.text().optional(),
  ...logStoreSettings,
  ...trackingSettings,
  TMDB_API_KEY: setting.text().optional(),
  ...sourceEnv,
  ...featureEnv,
  ...trainingEnv,
  ...retentionEnv,
  ...backupEnv,
  SHOW_SOURCE_RATINGS: setting.oneOf(["true", "false"]).optional(),
  ...schedulingEnv,
  ...featureServerEnv,
  /** Oftener than on servers: a laptop that slept through the night's tick is to have fresh features the same day. */
  DAILY_SCHEDULE: schedulingEnv.DAILY_SCHEDULE.default("0 */6 * * *"),
  /** For the same reason. */
  RETENTION_SCHEDULE: schedulingEnv.RETENTION_SCHEDULE.default("15 */6 * * *"),
  ...qualitySettings.pick({ QUALITY_INTERVAL_SECONDS: true, QUALITY_PSI_DAYS: true, QUALITY_PSI_MIN_PREDICTIONS: true })
    .shape,
});
export type LocalSettings = z.infer<typeof localSettings>;
