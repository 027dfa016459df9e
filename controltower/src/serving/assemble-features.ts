import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { missingGroups } from "@marquee/shared/features/compute-features";
import type { FeatureGroup } from "@marquee/shared/features/feature-view";
import { computeOnDemand, holdsRecords, onDemandKeys, recordsPresenceKeys } from "@marquee/shared/features/on-demand";
import type { FilmCard } from "@marquee/shared/features/online-layout";
import { decodeTrackRecord, type TrackRecord } from "@marquee/shared/features/track-record";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { factsStage, filmStage, imdbKeys, takeTmdbId } from "./catalog-film.ts";
import { nameKeys, takeDescription } from "./described-film.ts";
import { ALL_GROUPS, createDraft, type FeatureDraft } from "./feature-draft.ts";
import type { FeatureOrigin, ServingMetrics } from "./metrics.ts";
import { notMaterialised, runStage, type Stage, type StageContext } from "./online-stage.ts";
import type { ParsedRequest } from "./parse-request.ts";

/** What a model needs of a film, and what the answer says of the features. */
export interface FeatureSet {
  /** One number per column of the rating views, NaN where unknown. */
  values: Float64Array;
  asOf: EpochDay;
  missing: FeatureGroup[];
  stale: FeatureGroup[];
  /** Age of the oldest that the values were made from, in whole seconds. */
  ageSeconds: number;
  origin: FeatureOrigin;
  /** Names that the catalog does not know. */
  unrecognised: string[];
  /** The film of the catalog that was asked for; undefined where one was described. */
  tmdbId: TmdbId | undefined;
  /** What the catalog says of it. */
  film: FilmCard | undefined;
}

/**
 * Gives each of the requests its features or its own problem.
 * @param onFault told of stored values that cannot be read
 */
export type FeatureAssembler = (
  requests: readonly ParsedRequest[],
  onFault: StageContext["onFault"],
) => Promise<(request: ParsedRequest) => FeatureSet | MarqueeError>;

export interface AssemblerOptions {
  onlineStore: OnlineStore;
  clock: Clock;
  metrics: Pick<ServingMetrics, "viewRead">;
}

/**
 * Makes features for requests: read where they lie ready, computed where not. However many the requests, the online
 * store is read at most four times, once per stage, and for films of the catalog by TMDB id once.
 */
export function createFeatureAssembler({ onlineStore, clock, metrics }: AssemblerOptions): FeatureAssembler {
  const decode = createRecordDecoder();
  const film = filmStage(metrics);
  return async (requests, onFault) => {
    const context: StageContext = { onlineStore, onFault };
    const today = epochDay(dayOf(clock.now()));
    const byRequest = new Map(requests.map((request) => [request, createDraft(request)]));
    const drafts = [...byRequest.values()];
    await runStage(context, namesStage(today), drafts);
    await runStage(context, film, drafts);
    await runStage(context, factsStage(today), drafts);
    await runStage(context, recordsStage(today, decode), drafts);
    return (request) => featureSetOf(byRequest.get(request));
  };
}

/** Ids by IMDb id and by name: what the other stages ask with. */
function namesStage(today: EpochDay): Stage<FeatureDraft> {
  return {
    concerns: ({ form }) => form !== "tmdbId",
    keys: (draft) => [...imdbKeys(draft), ...nameKeys(draft)],
    take: (draft, lookup) => {
      takeTmdbId(draft, lookup);
      takeDescription(draft, lookup, today);
    },
  };
}

/** Computes the features of drafts that have facts. */
function recordsStage(today: EpochDay, decode: (bytes: Uint8Array) => TrackRecord): Stage<FeatureDraft> {
  return {
    concerns: ({ facts }) => facts !== undefined,
    keys: ({ facts, asOf }) =>
      facts && asOf !== undefined ? [...recordsPresenceKeys(today), ...onDemandKeys(facts, asOf)] : [],
    take: (draft, lookup) => {
      const { facts, asOf, freshness } = draft;
      if (!facts || asOf === undefined) return;
      if (!holdsRecords(lookup, today)) throw notMaterialised("track records");
      draft.values = computeOnDemand(facts, asOf, lookup, { freshness, decode });
    },
  };
}

/**
 * Records are decoded once for as long as the store hands out the same bytes: of all films and of whole genres they
 * hold thousands of events, and nearly every request asks for them.
 */
function createRecordDecoder(): (bytes: Uint8Array) => TrackRecord {
  const decoded = new WeakMap<Uint8Array, TrackRecord>();
  return (bytes) => {
    const known = decoded.get(bytes);
    if (known) return known;
    const record = decodeTrackRecord(bytes);
    decoded.set(bytes, record);
    return record;
  };
}

function featureSetOf(draft: FeatureDraft | undefined): FeatureSet | MarqueeError {
  if (draft?.problem) return draft.problem;
  if (!draft?.values || draft.asOf === undefined) {
    return new MarqueeError("INTERNAL", "A request went through all stages without features.");
  }
  const { values, asOf, facts, freshness, tmdbId, card, unrecognised } = draft;
  const missing = missingGroups(values);
  const stale =
    freshness.stale.size === 0
      ? []
      : ALL_GROUPS.filter((group) => freshness.stale.has(group) && !missing.includes(group));
  return {
    ...{ values, asOf, missing, stale, unrecognised, tmdbId },
    ageSeconds: Math.round(freshness.ageSeconds),
    origin: facts ? "computed" : "read",
    film: card,
  };
}
