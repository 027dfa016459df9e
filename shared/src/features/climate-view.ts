import type { FeatureView } from "./feature-view.ts";
import { trailingMean } from "./track-record.ts";

/** Films whose mean makes the climate: about a year of wide releases; long enough that its own error is under 0.06. */
const CLIMATE_FILMS = 300;
/** The scale's customary middle, said where not one film was rated before. */
const CLIMATE_WITHOUT_HISTORY = 6.5;

/** The column that the model's target is measured from: target = rating − climate. */
export const CLIMATE_COLUMN = "climate_mean";

/** Mean rating of the last 300 mature films released before `asOf`; what "an average film of these days" gets. */
export function climateAt(input: Parameters<FeatureView["compute"]>[0]): number {
  const mean = trailingMean(input.record("climate:all"), input.asOf, CLIMATE_FILMS);
  return Number.isNaN(mean) ? CLIMATE_WITHOUT_HISTORY : mean;
}

export const climateView: FeatureView = {
  name: "rating_climate",
  version: 1,
  entity: "film",
  owner: "workhorse",
  description: "The level of ratings in the time before the film",
  ttlSeconds: 26 * 3600,
  columns: [
    {
      name: CLIMATE_COLUMN,
      unit: "rating points",
      group: "climate",
      description: `Mean rating of the last ${CLIMATE_FILMS} mature films released before`,
      knownWhen: "announced",
    },
  ],
  compute: (input) => [climateAt(input)],
};
