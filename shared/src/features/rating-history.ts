import type { EpochDay } from "../contracts/time.ts";
import { climateAt } from "./climate-view.ts";
import type { RecordKey } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { recordedUnder } from "./record-views.ts";
import { createTrackRecord, type TrackRecord } from "./track-record.ts";

/** A film's outcome: its mature rating. */
export interface RatedFilm {
  tmdbId: number;
  facts: FilmFacts;
  /** IMDb's average, 0–10. */
  rating: number;
}

export type RatingHistory = ReadonlyMap<RecordKey, TrackRecord>;

/**
 * Every entity's track record. An event's day is the film's release plus the maturity window; its value is the film's
 * rating minus the climate on its release day (for `climate:all` the rating itself).
 * Films without a release date have no place in time and are left out.
 * @param maturityDays 0 on historical data, 30 in production (docs/architecture.md, Time)
 */
export function buildRatingHistory(films: readonly RatedFilm[], maturityDays: number): RatingHistory {
  const dated = films
    .flatMap((film) =>
      film.facts.releaseDay === undefined ? [] : [{ ...film, day: film.facts.releaseDay + maturityDays }],
    )
    .sort((a, b) => a.day - b.day || a.tmdbId - b.tmdbId);
  const climate = createTrackRecord(dated.map(({ day, rating }) => ({ day, value: rating })));
  const events = new Map<RecordKey, { day: number; value: number }[]>();
  for (const { facts, day, rating } of dated) {
    const releaseDay = (day - maturityDays) as EpochDay;
    const residual = rating - climateAt({ film: facts, asOf: releaseDay, record: () => climate });
    for (const key of recordedUnder(facts)) {
      const list = events.get(key);
      if (list) list.push({ day, value: residual });
      else events.set(key, [{ day, value: residual }]);
    }
  }
  const records = new Map<RecordKey, TrackRecord>([["climate:all", climate]]);
  for (const [key, list] of events) records.set(key, createTrackRecord(list));
  return records;
}
