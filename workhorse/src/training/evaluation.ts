import type { ModelMetrics } from "@marquee/shared/contracts/model-version";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { cutToScale, type Predictor, predict } from "@marquee/shared/model/kernel";
import type { Slice } from "@marquee/shared/model/manifest";
import { type BaselineInput, predictBaselines, predictMembers } from "./baselines.ts";
import { hideGroups } from "./calibration.ts";
import { type Accuracy, accuracyOf, mean } from "./metrics.ts";
import { coverageOf, LATE_GROUPS, type Outcome, sliceOutcomes } from "./slices.ts";
import type { TrainingRow } from "./training-set.ts";

/** How a model did on the test films, beside the baselines. Plain JSON. */
export interface Evaluation {
  metrics: ModelMetrics;
  baselines: Record<string, Accuracy>;
  /** Of the model's simpler members, each by itself. */
  members: Record<string, Accuracy>;
  intervals: {
    coverage: number;
    /** Rating points. */
    meanWidth: number;
    /** Width plus 2/α × the distance by which a rating lies outside: lower is better (Gneiting & Raftery 2007, eq. 43). */
    score: number;
  };
  slices: Slice[];
  /** For each test film, in their order, 0…10. */
  predictions: number[];
}

/** Tests the model on films that it did not learn from, by the kernel that serves it. */
export function evaluate(model: Predictor, input: BaselineInput, testFrom: CalendarDate): Evaluation {
  const { rows } = input.tested;
  const outcomes = rows.map((row) => outcomeOf(model, row, row.values));
  const late = model.groups.filter(({ group }) => LATE_GROUPS.includes(group));
  const littleKnown = rows.map((row) => outcomeOf(model, row, hideGroups(row.values, late)));
  const ratings = rows.map(({ rating }) => rating);
  const predictions = outcomes.map(({ predicted }) => predicted);
  const accuracies = (predictions: Record<string, number[]>): Record<string, Accuracy> =>
    Object.fromEntries(
      Object.entries(predictions).map(([name, predicted]) => [name, accuracyOf(predicted.map(cutToScale), ratings)]),
    );
  const baselines = accuracies(predictBaselines(input));
  const members = accuracies(predictMembers(input));
  const coverage = coverageOf(outcomes);
  return {
    metrics: {
      ...accuracyOf(predictions, ratings),
      coverage,
      testedFilms: rows.length,
      testFrom,
      baselines: rmses(baselines),
      members: rmses(members),
    },
    baselines,
    members,
    intervals: {
      coverage,
      meanWidth: mean(outcomes.map(({ lower, upper }) => upper - lower)),
      score: mean(outcomes.map((outcome) => intervalScore(outcome, model.manifest.calibration.coverage))),
    },
    slices: sliceOutcomes(outcomes, littleKnown, input.columns),
    predictions,
  };
}

function rmses(accuracies: Record<string, Accuracy>): Record<string, number> {
  return Object.fromEntries(Object.entries(accuracies).map(([name, { rmse }]) => [name, rmse]));
}

function outcomeOf(model: Predictor, row: TrainingRow, values: Float64Array): Outcome {
  const { rating, interval } = predict(model, values);
  return { row, predicted: rating, lower: interval.lower, upper: interval.upper };
}

function intervalScore({ row, lower, upper }: Outcome, coverage: number): number {
  const outside = Math.max(0, lower - row.rating) + Math.max(0, row.rating - upper);
  return upper - lower + (2 / (1 - coverage)) * outside;
}
