import {
  databaseSettings,
  eventBusSettings,
  objectStoreSettings,
  processSettings,
} from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What `nervous quality` reads from the environment, `.env` and `.env.<MARQUEE_ENV>`. */
export const qualitySettings = z.object({
  ...processSettings,
  ...databaseSettings,
  ...objectStoreSettings,
  ...eventBusSettings,
  PORT: setting.integer(0, 65_535).default(9467),
  /** Between two computations; predictions that come in start one sooner. */
  QUALITY_INTERVAL_SECONDS: setting.number(0.1, 86_400).default(60),
  /** How far back predictions are compared with the model's reference. */
  QUALITY_PSI_DAYS: setting.integer(1, 365).default(7),
  /** Below so many the index says more about chance than about drift. */
  QUALITY_PSI_MIN_PREDICTIONS: setting.integer(1, 1_000_000).default(100),
});
export type QualitySettings = z.infer<typeof qualitySettings>;
