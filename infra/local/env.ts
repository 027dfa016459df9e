import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { setting } from "@marquee/shared/service/env";
import { LOG_LEVELS } from "@marquee/shared/service/logger";
import { BACKEND_CHOICES } from "@marquee/workhorse/training/training-settings";
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
  REDIS_URL: setting.url("redis", "rediss").optional(),
  TMDB_API_KEY: setting.text().optional(),
  TMDB_BASE_URL: setting.url("https", "http").default("https://api.themoviedb.org/3"),
  TMDB_REQUESTS_PER_SECOND: setting.number(0, 1_000).default(40),
  TMDB_MIN_VOTES: setting.integer(0, 1_000_000).default(0),
  IMDB_BASE_URL: setting.url("https", "http").default("https://datasets.imdbws.com"),
  MATURITY_DAYS: setting.integer(0, 365).default(0),
  TRAINING_BACKEND: setting.oneOf(BACKEND_CHOICES).default("auto"),
  TRAINING_SEED: setting.integer(0, 2_147_483_647).default(1),
  TRAINING_TEST_FROM: calendarDateSchema.optional(),
  SHOW_SOURCE_RATINGS: setting.oneOf(["true", "false"]).optional(),
});
export type LocalSettings = z.infer<typeof localSettings>;
