import type { ReferenceProfile } from "@marquee/shared/model/manifest";
import { knownValues } from "./input-examples.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";

/** Bins of the histogram of predictions: rating points each, and how many fill the scale. */
const BIN_WIDTH = 0.5;
const BINS = 20;

/**
 * How inputs and predictions were spread, for comparison with what is served later.
 * @param predictions 0…10, of films that the model did not learn from
 */
export function profileOf(
  learned: readonly TrainingRow[],
  columns: TrainingSet["columns"],
  predictions: readonly number[],
): ReferenceProfile {
  const counts = new Array<number>(BINS).fill(0);
  for (const prediction of predictions) {
    const bin = Math.min(BINS - 1, Math.floor(prediction / BIN_WIDTH));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    predictions: { width: BIN_WIDTH, counts },
    columns: columns.map(({ name }, column) => {
      const known = knownValues(learned, column).sort((a, b) => a - b);
      const missing = 1 - known.length / learned.length;
      if (known.length === 0) return { name, missing, mean: null, deciles: null };
      return {
        name,
        missing,
        mean: known.reduce((sum, value) => sum + value, 0) / known.length,
        deciles: Array.from({ length: 11 }, (_, i) => quantile(known, i / 10)),
      };
    }),
  };
}

/** Linear between neighbours (type 7 of Hyndman & Fan 1996). */
function quantile(ascending: readonly number[], share: number): number {
  const at = share * (ascending.length - 1);
  const low = ascending[Math.floor(at)] ?? Number.NaN;
  const high = ascending[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
