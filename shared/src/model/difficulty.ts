import type { Calibration } from "./manifest.ts";
import type { GroupColumns } from "./rating-model.ts";

/**
 * How far off a prediction like this one tends to be, relative to others: exp(perPoint × pointsAboveClimate + Σ perMissing
 * of the groups of which nothing is known). Bad films are harder to foresee than good ones, and a film of which
 * little is known is harder than one that is fully described.
 */
export function difficultyOf(
  { perPoint, perMissing }: Calibration["difficulty"],
  pointsAboveClimate: number,
  values: Float64Array,
  groups: readonly GroupColumns[],
): number {
  let logarithm = perPoint * pointsAboveClimate;
  for (const { group, columns } of groups) {
    const added = perMissing[group];
    if (added !== undefined && isMissing(values, columns)) logarithm += added;
  }
  return Math.exp(logarithm);
}

/** Whether nothing is known of a group. */
export function isMissing(values: Float64Array, columns: readonly number[]): boolean {
  for (const column of columns) {
    if (!Number.isNaN(values[column])) return false;
  }
  return true;
}
