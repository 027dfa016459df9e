import type { Queries } from "@marquee/shared/backing/postgres/database";
import { viewKey } from "@marquee/shared/features/feature-view";
import { MarqueeError } from "@marquee/shared/service/errors";
import { describeDifference, diffViews, type ViewMeaning } from "@marquee/workhorse/feature-store/view-difference";
import type { JobOutcome } from "../run-job.ts";
import { type KnownVersions, readKnownVersions, versionOf } from "./known-versions.ts";
import type { ViewReference } from "./view-reference.ts";

/**
 * @param from the newest of the registry unless it names a version
 * @param to this release's version unless it names one
 * @throws FEATURE_UNKNOWN; USAGE where the two are no versions of one view
 */
export async function describeChange(
  database: Queries,
  from: ViewReference,
  to: ViewReference = { name: from.name, version: undefined },
): Promise<JobOutcome> {
  if (from.name !== to.name) {
    throw new MarqueeError("USAGE", `${from.name} and ${to.name} are two views. Name two versions of one.`);
  }
  const known = await readKnownVersions(database, from.name);
  const before = from.version === undefined ? newestOf(known) : versionOf(known, from.version);
  const after = to.version === undefined ? currentOf(known) : versionOf(known, to.version);
  const differences = diffViews(before, after);
  const names = [before, after].map(({ version }) => viewKey({ name: from.name, version }));
  const sides =
    to.version === undefined ? `${names[0]} of the registry and ${names[1]} of this release` : names.join(" and ");
  const equal = before.hash === after.hash ? "mean the same" : "have the same definition";
  return {
    rowsIn: 0,
    rowsOut: differences.length,
    detail: { name: from.name, before: sideOf(before), after: sideOf(after), differences },
    text:
      differences.length === 0
        ? `${sides} ${equal}.`
        : [`${sides} differ:`, ...differences.map((difference) => `  ${describeDifference(difference)}`)].join("\n"),
  };
}

function sideOf({ version, hash }: ViewMeaning): { version: number; hash: string } {
  return { version, hash };
}

/** @throws FEATURE_UNKNOWN */
function newestOf({ name, registered }: KnownVersions): ViewMeaning {
  const newest = registered.at(-1);
  if (newest) return newest;
  throw new MarqueeError(
    "FEATURE_UNKNOWN",
    `The view ${name} is not registered yet. The next build of features does it: npm start, or the pipeline daily.`,
  );
}

/** @throws FEATURE_UNKNOWN */
function currentOf({ name, current, registered }: KnownVersions): ViewMeaning {
  if (current) return current;
  const keys = registered.map(({ version }) => viewKey({ name, version })).join(", ");
  throw new MarqueeError("FEATURE_UNKNOWN", `This release has no view ${name}. Name two versions of: ${keys}.`);
}
