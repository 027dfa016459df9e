import type { EpochDay } from "../contracts/time.ts";
import { climateAt, createClimateRecord } from "./climate-view.ts";
import { calendarEvents } from "./competition-view.ts";
import type { RecordKey } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { recordedUnder } from "./record-views.ts";
import { addEvent, type GrowingRecord, type RecordEvent, startRecord, type TrackRecord } from "./track-record.ts";

/** A film as the history sees it. */
export interface HistoryFilm {
  tmdbId: number;
  facts: FilmFacts;
  /** Its outcome: IMDb's average, 0–10, of enough votes; absent where there is none that counts. */
  rating?: number | undefined;
}

/** A film with an outcome. */
export interface RatedFilm extends HistoryFilm {
  rating: number;
}

export type RatingHistory = ReadonlyMap<RecordKey, TrackRecord>;

/**
 * Every entity's track record, and the calendar of releases.
 *
 * An outcome's day is the film's release plus the maturity window; its value is the film's rating minus the climate on
 * its release day (for `climate:all` the rating itself). In the calendar every film counts, rated or not, on its day of
 * release. Films without a release date have no place in time and are left out.
 * @param films all of the catalog
 * @param maturityDays 0 on historical data, 30 in production (docs/architecture.md, Time)
 */
export function buildRatingHistory(films: readonly HistoryFilm[], maturityDays: number): RatingHistory {
  const dated = films
    .flatMap(({ tmdbId, facts, rating }) =>
      facts.releaseDay === undefined ? [] : [{ tmdbId, facts, rating, releaseDay: facts.releaseDay }],
    )
    .sort((a, b) => a.releaseDay - b.releaseDay || a.tmdbId - b.tmdbId);
  const rated = dated.flatMap(({ facts, releaseDay, rating }) =>
    rating === undefined ? [] : [{ facts, releaseDay, rating }],
  );
  const climate = createClimateRecord(
    rated.map(({ releaseDay, rating }) => ({ day: releaseDay + maturityDays, value: rating })),
  );
  const records = new Map<RecordKey, GrowingRecord>();
  for (const { facts } of dated) for (const [key, event] of calendarEvents(facts)) add(records, key, event);
  for (const { facts, releaseDay, rating } of rated) {
    const event = { day: releaseDay + maturityDays, value: rating - climateOn(climate, facts, releaseDay) };
    for (const key of recordedUnder(facts)) add(records, key, event);
  }
  return new Map<RecordKey, TrackRecord>([["climate:all", climate], ...records]);
}

function climateOn(climate: TrackRecord, film: FilmFacts, asOf: EpochDay): number {
  return climateAt({ film, asOf, record: () => climate });
}

function add(records: Map<RecordKey, GrowingRecord>, key: RecordKey, event: RecordEvent): void {
  const record = records.get(key);
  if (record) addEvent(record, event);
  else records.set(key, startRecord(event));
}
