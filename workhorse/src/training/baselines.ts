import { CLIMATE_COLUMN } from "@marquee/shared/features/climate-view";
import type { Examples } from "./input-examples.ts";
import { mean } from "./metrics.ts";
import { fitRidge, predictLinear } from "./ridge.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";

/** Mean of the director's earlier films above the rating level of their days, shrunk (record-views.ts). */
const DIRECTOR_COLUMN = "director_mean";
/** Best of 100, 300, 1000 on the films of 2004–2011. */
const RIDGE_PENALTY = 100;

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
 * theirs, nothing where there are none. `ridge`: a linear model of all columns.
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
    ridge: predictRidge(learned.examples, tested, climate),
  };
}

function predictRidge(learned: Examples, tested: BaselineInput["tested"], climate: number): number[] {
  const model = fitRidge(Float64Array.from(learned.inputs), Float64Array.from(learned.targets), RIDGE_PENALTY);
  const inputs = Float64Array.from(tested.examples.inputs);
  return tested.rows.map(
    ({ values }, row) => (values[climate] ?? Number.NaN) + predictLinear(model, inputs, row * learned.columns),
  );
}
