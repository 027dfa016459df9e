import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import { createTrackRecord, type RecordEvent, type TrackRecord, trailingMean } from "./track-record.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME } from "./view-columns.ts";

/** Films whose mean makes the climate: about a year of wide releases; long enough that its own error is under 0.06. */
const CLIMATE_FILMS = 300;
/** The scale's customary middle, said where not one film was rated before. */
const CLIMATE_WITHOUT_HISTORY = 6.5;

/** The column that the model's target is measured from: target = rating − climate. */
export const CLIMATE_COLUMN = "climate_mean";

/** All films' ratings, in ascending order of day: the record `climate:all`. */
export function createClimateRecord(ratings: readonly RecordEvent[]): TrackRecord {
  return createTrackRecord(ratings, CLIMATE_FILMS);
}

/** Mean rating of the last 300 rated films released before `asOf`; what "an average film of these days" gets. */
export function climateAt(input: Parameters<FeatureView["compute"]>[0]): number {
  const mean = trailingMean(input.record("climate:all"), input.asOf);
  return Number.isNaN(mean) ? CLIMATE_WITHOUT_HISTORY : mean;
}

export const climateView: FeatureView = {
  name: "rating_climate",
  version: 2,
  entity: FILM,
  owner: "workhorse",
  description: "The level of ratings in the time before the film",
  eventTime: FILM_EVENT_TIME,
  source: ["movies", "imdb_ratings"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    {
      ...columnsOf("climate")(
        CLIMATE_COLUMN,
        "rating points",
        `Mean rating of the last ${CLIMATE_FILMS} rated films released before`,
      ),
      default: CLIMATE_WITHOUT_HISTORY,
    },
  ],
  compute: (input) => [climateAt(input)],
};
