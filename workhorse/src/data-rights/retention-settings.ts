import { logRetentionSettings } from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import type { z } from "zod";

/** A century: longer is for ever, which is 0. */
const MAX_DAYS = 36_500;

const days = () => setting.integer(0, MAX_DAYS);

/** How many days things are kept; 0: for ever. Defaults and what follows from each: docs/data-licences.md. */
export const retentionEnv = {
  USER_EVENTS_RETENTION_DAYS: days().default(400),
  /** Of a user's latest rating of a film, since it was given. */
  USER_RATINGS_RETENTION_DAYS: days().default(0),
  PREDICTIONS_RETENTION_DAYS: days().default(400),
  /** Of pipelines' runs, the chain's steps, and what the retrain governor decided. */
  RUNS_RETENTION_DAYS: days().default(365),
  /** Of feature datasets, since they were built; what models were trained on stays. */
  FEATURES_RETENTION_DAYS: days().default(30),
  /** In Elasticsearch, which does it by itself, or in the database's table. */
  ...logRetentionSettings,
  /** Of a source's raw fetches, and of what was made from nothing newer. */
  TMDB_RETENTION_DAYS: days().default(0),
  IMDB_RETENTION_DAYS: days().default(0),
};

/** The same in days by what they are for; 0: for ever. */
export interface RetentionDays {
  userEvents: number;
  userRatings: number;
  predictions: number;
  runs: number;
  features: number;
  logs: number;
  tmdb: number;
  imdb: number;
}

export function retentionOf(settings: z.infer<z.ZodObject<typeof retentionEnv>>): RetentionDays {
  return {
    userEvents: settings.USER_EVENTS_RETENTION_DAYS,
    userRatings: settings.USER_RATINGS_RETENTION_DAYS,
    predictions: settings.PREDICTIONS_RETENTION_DAYS,
    runs: settings.RUNS_RETENTION_DAYS,
    features: settings.FEATURES_RETENTION_DAYS,
    logs: settings.LOG_RETENTION_DAYS,
    tmdb: settings.TMDB_RETENTION_DAYS,
    imdb: settings.IMDB_RETENTION_DAYS,
  };
}
