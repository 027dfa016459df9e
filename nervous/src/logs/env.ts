import {
  databaseSettings,
  eventBusSettings,
  logStoreSettings,
  processSettings,
} from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What `nervous logs` reads from the environment, `.env` and `.env.<MARQUEE_ENV>`. */
export const logsSettings = z.object({
  ...processSettings,
  ...databaseSettings,
  ...eventBusSettings,
  ...logStoreSettings,
  PORT: setting.integer(0, 65_535).default(9465),
});
export type LogsSettings = z.infer<typeof logsSettings>;
