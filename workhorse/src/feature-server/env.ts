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

/** What callers of the feature server have to bring. */
export const featureServerEnv = {
  /** Unset lets everybody in, so production needs it. */
  FEATURE_SERVER_TOKEN: setting.text().optional(),
};

/** What the feature server reads from the environment. */
export const featureServerSettings = z
  .object({
    ...processSettings,
    ...profileSettings,
    ...databaseSettings,
    ...redisSettings,
    ...objectStoreSettings,
    ...eventBusSettings,
    ...featureServerEnv,
    /** Feast's own. */
    PORT: setting.integer(0, 65_535).default(6566),
    /** Copies of datasets' files, for historical features; unset: among the system's temporary ones. */
    DATASET_FOLDER: setting.text().optional(),
  })
  .superRefine((settings, context) => {
    if (settings.MARQUEE_ENV !== "production" || settings.FEATURE_SERVER_TOKEN !== undefined) return;
    context.addIssue({ code: "custom", path: ["FEATURE_SERVER_TOKEN"], message: "production needs it" });
  });
export type FeatureServerSettings = z.infer<typeof featureServerSettings>;
