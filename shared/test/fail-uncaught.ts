import { z } from "zod";
import { openPublishing } from "../src/backing/event-bus/open-publishing.ts";
import { connectDatabase } from "../src/backing/postgres/database.ts";
import { databaseSettings, eventBusSettings, processSettings } from "../src/service/backing-settings.ts";
import { runProcess } from "../src/service/run-process.ts";

/** A process that logs a line and is then ended by an error that nobody catches, thrown or rejected: FAIL_BY. */
await runProcess({
  service: "failing",
  settings: z.object({
    ...processSettings,
    ...databaseSettings,
    ...eventBusSettings,
    FAIL_BY: z.enum(["throw", "reject"]),
  }),
  start: async (context) => {
    const { settings, log, lifecycle } = context;
    const database = connectDatabase({ url: settings.DATABASE_URL, log });
    lifecycle.onStop("database", () => database.close());
    await openPublishing({ settings, database, context });
    log.info("the last thing it did");
    setImmediate(() => {
      if (settings.FAIL_BY === "throw") throw new TypeError("nobody expects me");
      void Promise.reject(new TypeError("nobody expects me"));
    });
  },
});
