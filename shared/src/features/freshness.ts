import type { OnlineRead } from "../backing/online-store/online-store.ts";
import type { FeatureGroup } from "./feature-view.ts";

/** How old that is which features were made from. */
export interface Freshness {
  /** Groups of which something read was older than its time to live. */
  stale: Set<FeatureGroup>;
  /** Of the oldest, in seconds. */
  ageSeconds: number;
}

export function createFreshness(): Freshness {
  return { stale: new Set(), ageSeconds: 0 };
}

/** Takes a value that was read for these groups into account; what is missing has no age. */
export function noteRead(freshness: Freshness, read: OnlineRead, groups: Iterable<FeatureGroup>): void {
  if (read.status === "missing") return;
  freshness.ageSeconds = Math.max(freshness.ageSeconds, read.ageSeconds);
  if (read.status === "stale") for (const group of groups) freshness.stale.add(group);
}
