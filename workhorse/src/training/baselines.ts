import { CLIMATE_COLUMN } from "@marquee/shared/features/climate-view";
import type { Examples } from "./input-examples.ts";
import { fitLinear, predictLinearPart } from "./linear-part.ts";
import { mean } from "./metrics.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";

/** Mean of the director's earlier films above the rating level of their days, shrunk (record-views.ts). */
const DIRECTOR_COLUMN = "director_mean";

export interface BaselineInput {
  columns: TrainingSet["columns"];
  /** The films that the model learned from. */
  learned: { rows: readonly TrainingRow[]; examples: Examples };
  /** The films to predict. */
  tested: { rows: readonly TrainingRow[]; examples: Examples };
}

/**
 * What simple rules predict for the test films; a model that is not better than each of them is of no use.
 * `mean`: the mean rating of the learned films. `director`: the climate plus what the director's earlier films were above
 * theirs, nothing where there are none.
 * @returns one rating per test film and baseline
 */
export function predictBaselines({ columns, learned, tested }: BaselineInput): Record<string, number[]> {
  const level = mean(learned.rows.map(({ rating }) => rating));
  const indexOf = (name: string) => columns.findIndex((column) => column.name === name);
  const [climate, director] = [indexOf(CLIMATE_COLUMN), indexOf(DIRECTOR_COLUMN)];
  return {
    mean: tested.rows.map(() => level),
    director: tested.rows.map(({ values }) => {
      const shown = values[director] ?? Number.NaN;
      return (values[climate] ?? level) + (Number.isNaN(shown) ? 0 : shown);
    }),
  };
}

/** What the model's linear part alone predicts. @returns one rating per test film and member */
export function predictMembers({ columns, learned, tested }: BaselineInput): Record<string, number[]> {
  const climate = columns.findIndex(({ name }) => name === CLIMATE_COLUMN);
  const linear = predictLinearPart(fitLinear(learned.examples), tested.examples);
  return { ridge: tested.rows.map(({ values }, row) => (values[climate] ?? Number.NaN) + (linear[row] ?? 0)) };
}
