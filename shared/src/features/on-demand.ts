import type { OnlineKey, OnlineRead } from "../backing/online-store/online-store.ts";
import type { EpochDay } from "../contracts/time.ts";
import { computeFeatures } from "./compute-features.ts";
import type { FeatureView, RecordKey } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { RATING_VIEWS } from "./film-views.ts";
import { type Freshness, noteRead } from "./freshness.ts";
import { recordFrom, recordReads } from "./record-chunks.ts";
import { groupOfRecord, recordKeysOf } from "./record-views.ts";
import { decodeTrackRecord, type TrackRecord } from "./track-record.ts";

/** What a read has found under a key that it was given. */
export type OnlineLookup = (key: OnlineKey) => OnlineRead;

/** Every record that has to do with all films: where it is missing, no records were materialised. */
const ALL_FILMS: RecordKey = "climate:all";

/** The keys of all that a film's features are computed from at a day, beside its facts. */
export function onDemandKeys(facts: FilmFacts, asOf: EpochDay): OnlineKey[] {
  return recordKeysOf(facts).flatMap((key) => placesOf(key, asOf));
}

/** The keys under one of which something lies wherever records were materialised that answer for `today`. */
export function recordsPresenceKeys(today: EpochDay): OnlineKey[] {
  return placesOf(ALL_FILMS, today);
}

/** Whether there are records at all. Without them every name would pass for a newcomer's. */
export function holdsRecords(lookup: OnlineLookup, today: EpochDay): boolean {
  return recordsPresenceKeys(today).some((key) => lookup(key).status !== "missing");
}

export interface OnDemandOptions {
  /** Takes in how old the records were. */
  freshness: Freshness;
  /** Those of the rating model unless given. */
  views?: readonly FeatureView[];
  /** May keep what it has decoded; decodeTrackRecord unless given. */
  decode?: (bytes: Uint8Array) => TrackRecord;
}

/**
 * Features of a film at a day, from its facts and from what lies online of others: the functions that training uses, on
 * the same records, and so the same bits.
 * @param lookup what was read under onDemandKeys
 * @returns one number per column of the views, in their order; NaN where unknown
 */
export function computeOnDemand(
  film: FilmFacts,
  asOf: EpochDay,
  lookup: OnlineLookup,
  { freshness, views = RATING_VIEWS, decode = decodeTrackRecord }: OnDemandOptions,
): Float64Array {
  const record = (key: RecordKey): TrackRecord | undefined => {
    const { whole, chunk } = recordReads(key, asOf);
    const found = recordFrom(lookup(whole), lookup(chunk));
    noteRead(freshness, found, [groupOfRecord(key)]);
    return found.status === "missing" ? undefined : decode(found.value);
  };
  return computeFeatures({ film, asOf, record }, views);
}

function placesOf(key: RecordKey, asOf: EpochDay): OnlineKey[] {
  const { whole, chunk } = recordReads(key, asOf);
  return [whole, chunk];
}
