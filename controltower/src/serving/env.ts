import {
  databaseSettings,
  eventBusSettings,
  objectStoreSettings,
  processSettings,
  profileSettings,
  redisSettings,
} from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What the serving process reads from the environment, `.env` and `.env.<MARQUEE_ENV>`. */
export const servingSettings = z.object({
  ...processSettings,
  ...profileSettings,
  ...databaseSettings,
  ...redisSettings,
  ...objectStoreSettings,
  ...eventBusSettings,
  PORT: setting.integer(0, 65_535).default(8000),
  /** IMDb's rating beside the prediction; unset: shown, but not in production. */
  SHOW_SOURCE_RATINGS: setting.oneOf(["true", "false"]).optional(),
  /** Milliseconds between looks at the champion's alias. */
  MODEL_POLL_MS: setting.integer(10, 60_000).default(1_000),
  /** How long `/ready` refuses before the process stops taking requests; the lifecycle allows a part ten seconds. */
  DRAIN_SECONDS: setting.number(0, 9).default(0),
});
export type ServingSettings = z.infer<typeof servingSettings>;

/** What SHOW_SOURCE_RATINGS says; unset, the sources' ratings are shown anywhere but in production. */
export function showsSourceRatings(settings: Pick<ServingSettings, "SHOW_SOURCE_RATINGS" | "MARQUEE_ENV">): boolean {
  return (settings.SHOW_SOURCE_RATINGS ?? String(settings.MARQUEE_ENV !== "production")) === "true";
}
