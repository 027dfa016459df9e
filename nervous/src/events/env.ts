import { databaseSettings, eventBusSettings, processSettings } from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What `nervous events` reads from the environment, `.env` and `.env.<MARQUEE_ENV>`. */
export const eventsSettings = z.object({
  ...processSettings,
  ...databaseSettings,
  ...eventBusSettings,
  PORT: setting.integer(0, 65_535).default(9466),
});
export type EventsSettings = z.infer<typeof eventsSettings>;
