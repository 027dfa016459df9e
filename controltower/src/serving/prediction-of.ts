import type { Prediction } from "@marquee/shared/contracts/prediction";
import { calendarDate } from "@marquee/shared/contracts/time";
import { FEATURE_GROUPS } from "@marquee/shared/features/feature-view";
import type { FilmCard } from "@marquee/shared/features/online-layout";
import { explain } from "@marquee/shared/model/explain";
import { predict } from "@marquee/shared/model/kernel";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import type { FeatureSet } from "./assemble-features.ts";
import type { HeldModel } from "./model-holder.ts";

export interface AnswerOptions {
  /** Whether to say which features moved the rating. */
  explained: boolean;
  /** Whether to tell the film's real rating, where there is one. */
  showSourceRatings: boolean;
}

/** A model's answer for one film's features, in the words of the API. */
export function predictionOf(held: HeldModel, features: FeatureSet, options: AnswerOptions): Prediction {
  const { model, version } = held;
  const { values, asOf, missing, stale, unrecognised, ageSeconds, film } = features;
  const { rating, interval } = predict(model, values);
  return {
    rating,
    interval,
    model: { name: version.name, version: version.version },
    asOf: calendarDate(asOf),
    ...(film ? { film: filmOf(film) } : {}),
    ...(options.explained ? { explanation: explanationOf(model, values) } : {}),
    features: { missing, stale, unrecognised, ageSeconds },
    ...(film?.actual && options.showSourceRatings ? { actual: { source: "imdb", ...film.actual } } : {}),
  };
}

function filmOf({ tmdbId, title, releaseDate }: FilmCard): NonNullable<Prediction["film"]> {
  return { tmdbId, title, ...(releaseDate === undefined ? {} : { releaseDate }) };
}

/** What moved nothing is left out. */
function explanationOf(model: RatingModel, values: Float64Array): NonNullable<Prediction["explanation"]> {
  const { base, contributions } = explain(model, values);
  return {
    base,
    contributions: contributions
      .filter(({ contribution }) => contribution !== 0)
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
      .map(({ group, contribution }) => ({ feature: group, label: FEATURE_GROUPS[group], contribution })),
  };
}
