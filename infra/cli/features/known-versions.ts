import type { Queries } from "@marquee/shared/backing/postgres/database";
import { viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { ViewMeaning } from "@marquee/workhorse/feature-store/view-difference";
import { meaningOf, type RegisteredView, viewHistory } from "@marquee/workhorse/feature-store/view-registry";

/** All that is known of one view. */
export interface KnownVersions {
  name: string;
  /** As this release has it; undefined where it has no such view. */
  current: ViewMeaning | undefined;
  /** Ascending. */
  registered: readonly RegisteredView[];
}

/** @throws FEATURE_UNKNOWN where neither this release nor the registry has the view */
export async function readKnownVersions(database: Queries, name: string): Promise<KnownVersions> {
  const view = ALL_VIEWS.find((candidate) => candidate.name === name);
  const registered = await viewHistory(database, name);
  if (view === undefined && registered.length === 0) {
    const names = ALL_VIEWS.map((known) => known.name).join(", ");
    throw new MarqueeError("FEATURE_UNKNOWN", `There is no feature view ${name}. There are: ${names}.`);
  }
  return { name, current: view && meaningOf(view), registered };
}

/**
 * One version: of the registry, or this release's where it is not registered yet.
 * @throws FEATURE_UNKNOWN naming the versions that there are
 */
export function versionOf({ name, current, registered }: KnownVersions, version: number): ViewMeaning {
  const found = [...registered, ...(current ? [current] : [])].find((known) => known.version === version);
  if (found) return found;
  const versions = new Set([...registered.map((known) => known.version), ...(current ? [current.version] : [])]);
  throw new MarqueeError(
    "FEATURE_UNKNOWN",
    `There is no ${viewKey({ name, version })}. There are: ${[...versions].map((known) => viewKey({ name, version: known })).join(", ")}.`,
  );
}
