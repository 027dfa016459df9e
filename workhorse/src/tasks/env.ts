import { calendarDateSchema } from "@marquee/shared/contracts/time";
import {
  databaseSettings,
  objectStoreSettings,
  profileSettings,
  redisSettings,
  trackingSettings,
} from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";
import { backupEnv } from "../backup/backup-settings.ts";
import { retentionEnv } from "../data-rights/retention-settings.ts";
import { BACKEND_CHOICES } from "../training/training-settings.ts";

/** How models are trained. */
export const trainingEnv = {
  /** Days until another film's rating counts in features. */
  MATURITY_DAYS: setting.integer(0, 365).default(0),
  TRAINING_BACKEND: setting.oneOf(BACKEND_CHOICES).default("auto"),
  TRAINING_SEED: setting.integer(0, 2_147_483_647).default(1),
  TRAINING_TEST_FROM: calendarDateSchema.optional(),
};

/** How features are built. */
export const featureEnv = {
  /** Who is noted as having registered a view's version; the operating system's user unless given. */
  MARQUEE_ACTOR: setting.text().optional(),
};

/** Where films and ratings come from; the key stands apart, since not every process needs one. */
export const sourceEnv = {
  TMDB_BASE_URL: setting.url("https", "http").default("https://api.themoviedb.org/3"),
  TMDB_EXPORT_URL: setting.url("https", "http").optional(),
  TMDB_REQUESTS_PER_SECOND: setting.number(0, 1_000).default(40),
  TMDB_CONCURRENCY: setting.integer(1, 64).default(16),
  TMDB_MIN_VOTES: setting.integer(0, 1_000_000).default(0),
  IMDB_BASE_URL: setting.url("https", "http").default("https://datasets.imdbws.com"),
  /** So long without a byte, twice that for the first, ends a request; in milliseconds. */
  SOURCE_SILENCE_MS: setting.integer(100, 600_000).default(30_000),
};

/** What tasks read from the environment. */
export const taskSettings = z.object({
  ...databaseSettings,
  ...redisSettings,
  ...objectStoreSettings,
  ...trackingSettings,
  ...profileSettings,
  TMDB_API_KEY: setting.text(),
  ...sourceEnv,
  ...featureEnv,
  /** Copies of feature datasets' files; unset: among the system's temporary ones. */
  DATASET_FOLDER: setting.text().optional(),
  ...trainingEnv,
  ...retentionEnv,
  ...backupEnv,
});
export type TaskSettings = z.infer<typeof taskSettings>;
