import type { FeatureColumn } from "@marquee/shared/features/feature-view";
import type { Figure, Metric } from "./quality-check.ts";

/** What values a column can have, by its unit; of other units only infinity is wrong. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = { "0/1": [0, 1], "0…1": [0, 1], "-1…1": [-1, 1] };
const FINITE = [-Number.MAX_VALUE, Number.MAX_VALUE] as const;

/** Counts as vectors go by: no second pass over a table of a million. */
export interface FeatureFigures {
  add(values: ArrayLike<number>): void;
  /** @param ratings of the films that others' records are made from */
  figures(ratings: readonly number[]): Figure[];
}

export function createFeatureFigures(columns: readonly FeatureColumn[]): FeatureFigures {
  const bounds = columns.map(({ unit }) => BOUNDS[unit] ?? FINITE);
  const missing = new Float64Array(columns.length);
  const outside = new Float64Array(columns.length);
  let rows = 0;
  return {
    add: (values) => {
      rows += 1;
      for (const [i, [low, high]] of bounds.entries()) {
        const value = values[i] ?? Number.NaN;
        if (Number.isNaN(value)) missing[i] = (missing[i] ?? 0) + 1;
        else if (value < low || value > high) outside[i] = (outside[i] ?? 0) + 1;
      }
    },
    figures: (ratings) => [
      gold("feature_movies", "rows", rows),
      ...columns.flatMap(({ name }, i) => [
        gold("feature_movies", `null_share ${name}`, share(missing[i], rows)),
        gold("feature_movies", `out_of_range_share ${name}`, share(outside[i], rows)),
      ]),
      gold("mature films", "rows", ratings.length),
      gold(
        "mature films",
        "mean rating",
        share(
          ratings.reduce((sum, rating) => sum + rating, 0),
          ratings.length,
        ),
      ),
    ],
  };
}

function gold(subject: string, metric: Metric, value: number | null): Figure {
  return { layer: "gold", subject, metric, value };
}

function share(count: number | undefined, of: number): number | null {
  return of === 0 ? null : (count ?? 0) / of;
}
