import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { computeFeatures, missingGroups } from "@marquee/shared/features/compute-features";
import type { FeatureGroup, RecordKey } from "@marquee/shared/features/feature-view";
import { type FilmCard, ONLINE } from "@marquee/shared/features/online-layout";
import { groupOfRecord, recordKeysOf } from "@marquee/shared/features/record-views";
import { decodeTrackRecord, type TrackRecord } from "@marquee/shared/features/track-record";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { factsStage, filmStage, imdbKeys, takeTmdbId } from "./catalog-film.ts";
import { nameKeys, takeDescription } from "./described-film.ts";
import { ALL_GROUPS, createDraft, type FeatureDraft } from "./feature-draft.ts";
import { notMaterialised, runStage, type Stage, type StageContext } from "./online-stage.ts";
import type { ParsedRequest } from "./parse-request.ts";

/** What a model needs of a film, and what the answer says of the features. */
export interface FeatureSet {
  /** One number per column of the rating views, NaN where unknown. */
  values: Float64Array;
  asOf: EpochDay;
  missing: FeatureGroup[];
  stale: FeatureGroup[];
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
}

/**
 * Makes features for requests: read where they lie ready, computed where not. However many the requests, the online
 * store is read at most four times, once per stage, and for films of the catalog by TMDB id once.
 */
export function createFeatureAssembler({ onlineStore, clock }: AssemblerOptions): FeatureAssembler {
  const decode = createRecordDecoder();
  return async (requests, onFault) => {
    const context: StageContext = { onlineStore, onFault };
    const today = epochDay(dayOf(clock.now()));
    const byRequest = new Map(requests.map((request) => [request, createDraft(request)]));
    const drafts = [...byRequest.values()];
    await runStage(context, namesStage(today), drafts);
    await runStage(context, filmStage, drafts);
    await runStage(context, factsStage(today), drafts);
    await runStage(context, recordsStage(decode), drafts);
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
function recordsStage(decode: (bytes: Uint8Array) => TrackRecord): Stage<FeatureDraft> {
  return {
    concerns: ({ facts }) => facts !== undefined,
    keys: ({ facts }) => (facts ? recordKeysOf(facts).map(ONLINE.record) : []),
    take: (draft, lookup) => {
      const { facts: film, asOf } = draft;
      if (!film || asOf === undefined) return;
      // Without the record of all films nothing was materialised, and every name would pass for a newcomer's.
      if (lookup(ONLINE.record("climate:all")).status === "missing") throw notMaterialised("track records");
      const record = (key: RecordKey): TrackRecord | undefined => {
        const found = lookup(ONLINE.record(key));
        if (found.status === "missing") return undefined;
        if (found.status === "stale") draft.stale.add(groupOfRecord(key));
        return decode(found.value);
      };
      draft.values = computeFeatures({ film, asOf, record });
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
  const { values, asOf, tmdbId, card, unrecognised } = draft;
  const missing = missingGroups(values);
  const stale =
    draft.stale.size === 0 ? [] : ALL_GROUPS.filter((group) => draft.stale.has(group) && !missing.includes(group));
  return { values, asOf, missing, stale, unrecognised, tmdbId, film: card };
}
