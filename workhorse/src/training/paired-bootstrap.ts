import { mean } from "./metrics.ts";
import { createSeededRandom } from "./seeded-random.ts";

/** Draws of films; with 1,000 the bounds of the interval differ from seed to seed in their fourth decimal. */
const RESAMPLES = 1_000;
/** Fixed, so that the same two models on the same films are always judged the same. */
const SEED = 20_120_101;

/** The RMSE of one model minus another's, and how far it hangs on which films happened to be there. */
export interface RmseDifference {
  difference: number;
  /** Two-sided percentile interval of the difference. */
  lower: number;
  upper: number;
  /** Share of resamples inside the interval. */
  confidence: number;
}

/**
 * Paired bootstrap (Efron & Tibshirani 1993, ch. 13): films are drawn with replacement, both models are judged on each
 * draw. What makes a film hard for both cancels out.
 * @param errors of one model, rating points, one per film
 * @param otherErrors of the other, of the same films in the same order
 */
export function bootstrapRmseDifference(
  errors: readonly number[],
  otherErrors: readonly number[],
  confidence = 0.95,
): RmseDifference {
  const squares = Float64Array.from(errors, (error) => error ** 2);
  const otherSquares = Float64Array.from(otherErrors, (error) => error ** 2);
  const random = createSeededRandom(SEED, errors.length);
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let otherSum = 0;
    for (let drawn = 0; drawn < squares.length; drawn++) {
      const film = random.below(squares.length);
      sum += squares[film] ?? 0;
      otherSum += otherSquares[film] ?? 0;
    }
    return Math.sqrt(sum / squares.length) - Math.sqrt(otherSum / squares.length);
  }).sort();
  const outside = Math.floor(((1 - confidence) / 2) * RESAMPLES);
  return {
    difference: Math.sqrt(mean([...squares])) - Math.sqrt(mean([...otherSquares])),
    lower: differences[outside] ?? Number.NaN,
    upper: differences[RESAMPLES - 1 - outside] ?? Number.NaN,
    confidence,
  };
}
