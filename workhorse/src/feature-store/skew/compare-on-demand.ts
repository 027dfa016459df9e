import type { OnlineKey, OnlineRead, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { dayOf, epochDay } from "@marquee/shared/contracts/time";
import type { FeatureRow } from "@marquee/shared/features/feature-row";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { decodeFilmFacts, type FilmFacts } from "@marquee/shared/features/film-facts";
import { createFreshness } from "@marquee/shared/features/freshness";
import { computeOnDemand, onDemandKeys } from "@marquee/shared/features/on-demand";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { differencesOf, type SkewFindings } from "./skew-findings.ts";

/** Online views that features are computed from on demand. */
export const ON_DEMAND_SOURCES = [
  ONLINE.facts(0 as TmdbId).view,
  ONLINE.record("climate:all").view,
] as const satisfies readonly string[];

const MISSING: OnlineRead = { status: "missing" };

export interface CompareOnDemandOptions {
  online: OnlineStore;
  tmdbId: number;
  /** Its rows, by view. */
  rows: ReadonlyMap<FeatureView, FeatureRow>;
  findings: SkewFindings;
}

/** Computes a film's views as serving would for a film that is not materialised, and holds them against its rows. */
export async function compareOnDemand({ online, tmdbId, rows, findings }: CompareOnDemandOptions): Promise<void> {
  const [stored = MISSING] = await online.read([ONLINE.facts(tmdbId as TmdbId)]);
  const facts = factsOf(stored);
  if (facts === undefined) {
    for (const view of rows.keys())
      findings.note("differs on demand", view, "*", { tmdbId, offline: null, online: null });
    return;
  }
  for (const [eventTime, sameDay] of Map.groupBy(rows, ([, row]) => row.eventTime)) {
    const asOf = epochDay(dayOf(new Date(eventTime)));
    const lookup = await readAll(online, onDemandKeys(facts, asOf));
    for (const [view, offline] of sameDay) {
      const values = computeOnDemand(facts, asOf, lookup, { freshness: createFreshness(), views: [view] });
      for (const { column, ...example } of differencesOf(view, offline, { eventTime, values })) {
        findings.note("differs on demand", view, column, { tmdbId, ...example });
      }
    }
  }
}

/** Undefined where there are none, and where the bytes are none. */
function factsOf(read: OnlineRead): FilmFacts | undefined {
  if (read.status === "missing") return undefined;
  try {
    return decodeFilmFacts(read.value);
  } catch {
    return undefined;
  }
}

async function readAll(online: OnlineStore, keys: readonly OnlineKey[]): Promise<(key: OnlineKey) => OnlineRead> {
  const nameOf = ({ view, entity }: OnlineKey) => `${view} ${entity}`;
  const reads = await online.read(keys);
  const found = new Map(keys.map((key, i) => [nameOf(key), reads[i]]));
  return (key) => found.get(nameOf(key)) ?? MISSING;
}
