import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import type { Clock } from "@marquee/shared/service/clock";
import { errorMessage } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";

/** What the feature server depends on: without the online store it has no answers, without fresh views it says so in them. */
export function featureChecks(onlineStore: OnlineStore, views: readonly ViewSchema[], clock: Clock): Check[] {
  return [
    {
      name: "online store",
      severity: "required",
      problem: () => onlineStore.watermarks().then(() => undefined, errorMessage),
    },
    {
      name: "features",
      severity: "degraded",
      problem: async () => {
        const watermarks = await onlineStore.watermarks();
        const missing = views.filter((view) => !watermarks.has(viewKey(view)));
        const stale = views.filter((view) => isStale(view, watermarks.get(viewKey(view))?.at, clock.now()));
        return (
          [told("Never materialised", missing), told("Older than their time to live", stale)].join(" ").trim() ||
          undefined
        );
      },
    },
  ];
}

function isStale({ ttlSeconds }: ViewSchema, at: Date | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - at.getTime() >= ttlSeconds * 1000;
}

function told(what: string, views: readonly ViewSchema[]): string {
  return views.length === 0 ? "" : `${what}: ${views.map(viewKey).join(", ")}.`;
}
