import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { errorMessage } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";
import { readClimate } from "./feature-age.ts";

/** What serving depends on beside its model. Without the database predictions go on; without features they do not. */
export function backingChecks(database: Database, onlineStore: OnlineStore): Check[] {
  const climate = () => readClimate(onlineStore);
  return [
    {
      name: "features",
      severity: "required",
      problem: async () =>
        (await climate())?.status === "missing" ? "No features were materialised to the online store yet." : undefined,
    },
    {
      name: "feature freshness",
      severity: "degraded",
      problem: async () => {
        const found = await climate();
        if (found?.status !== "stale") return undefined;
        return `The features are ${(found.ageSeconds / 3600).toFixed(1)} hours old, older than their time to live.`;
      },
    },
    {
      name: "database",
      severity: "degraded",
      problem: () =>
        database.ping().then(
          () => undefined,
          (error: unknown) => errorMessage(error),
        ),
    },
  ];
}
