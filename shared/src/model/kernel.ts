import { difficultyOf } from "./difficulty.ts";
import { uncutRating } from "./ensemble.ts";
import type { Manifest } from "./manifest.ts";
import type { RatingModel } from "./rating-model.ts";

/** What a prediction needs of a model: less than all of it, so that one can be tested before it is an artifact. */
export type Predictor = Pick<RatingModel, "ensemble" | "groups"> & { manifest: Pick<Manifest, "calibration"> };

/** The scale of ratings. */
const LOWEST = 0;
const HIGHEST = 10;

export interface RatingPrediction {
  /** 0…10 */
  rating: number;
  /** Holds the real rating with probability `coverage`, as far as films of the past show. Contains `rating`; within 0…10. */
  interval: { lower: number; upper: number; coverage: number };
}

/**
 * One film's rating. Equal to TensorFlow's output to 1e-5.
 * @param values one number per column of the model, NaN where unknown; the climate is never NaN
 * @throws MarqueeError INTERNAL where the number of values is not that of the columns
 */
export function predict({ manifest, ensemble, groups }: Predictor, values: Float64Array): RatingPrediction {
  const { coverage, lower, upper, difficulty } = manifest.calibration;
  const rating = uncutRating(ensemble, values);
  const aboveClimate = rating - (values[ensemble.climateColumn] ?? Number.NaN);
  const factor = difficultyOf(difficulty, aboveClimate, values, groups);
  return {
    rating: cutToScale(rating),
    interval: { lower: cutToScale(rating + lower * factor), upper: cutToScale(rating + upper * factor), coverage },
  };
}

/** A rating is never told outside its scale, 0…10. */
export function cutToScale(rating: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, rating));
}
