import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/view-columns";
import type { Clock } from "@marquee/shared/service/clock";
import { errorMessage } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";
import { type FeatureState, readFeatureState } from "./feature-age.ts";

/** What serving depends on beside its model. Without the database predictions go on; without features they do not. */
export function backingChecks(database: Database, onlineStore: OnlineStore, clock: Clock): Check[] {
  return [
    {
      name: "features",
      severity: "required",
      problem: async () =>
        (await readFeatureState(onlineStore, clock)).records
          ? undefined
          : "No features were materialised to the online store yet.",
    },
    {
      name: "feature freshness",
      severity: "degraded",
      problem: async () => freshnessProblem(await readFeatureState(onlineStore, clock)),
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

/** In words what is wrong with features that are there, if anything is. */
export function freshnessProblem({ records, missing, ageSeconds }: FeatureState): string | undefined {
  if (!records) return undefined; // the other check says so
  if (ageSeconds === undefined) {
    return `Not materialised in this release's version: ${missing.join(", ")}. Films of the catalog are computed on demand until then.`;
  }
  if (ageSeconds < FEATURE_TTL_SECONDS) return undefined;
  return `The features are stale: ${(ageSeconds / 3600).toFixed(1)} hours old, over their time to live of ${FEATURE_TTL_SECONDS / 3600} hours.`;
}
