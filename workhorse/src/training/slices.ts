import type { FeatureColumn, FeatureGroup } from "@marquee/shared/features/feature-view";
import type { Slice } from "@marquee/shared/model/manifest";
import { mean } from "./metrics.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";

/** Slices of fewer films say more of chance than of the model. */
const MIN_SLICE_FILMS = 20;

/** What a request long before release lacks: asked for without these, a film counts as little known yet. */
export const LATE_GROUPS: readonly FeatureGroup[] = ["runtime", "budget", "cast"];

/** A test film and what was predicted for it. */
export interface Outcome {
  row: TrainingRow;
  predicted: number;
  lower: number;
  upper: number;
}

/** @param littleKnown the same films, predicted without LATE_GROUPS */
export function sliceOutcomes(
  outcomes: readonly Outcome[],
  littleKnown: readonly Outcome[],
  columns: TrainingSet["columns"],
): Slice[] {
  const slices = [
    ...gather("decade", outcomes, ({ row }) => [`${row.releaseDate.slice(0, 3)}0s`]),
    ...gather("genre", outcomes, ({ row }) => flagsOf(row, columns, "genre_")),
    ...gather("language", outcomes, ({ row }) => flagsOf(row, columns, "language_")),
    ...gather("known", littleKnown, () => ["little known yet"]),
  ];
  return slices.filter(({ films }) => films >= MIN_SLICE_FILMS);
}

/** The names, without prefix, of the flag columns with that prefix that are 1. */
function flagsOf(row: TrainingRow, columns: readonly FeatureColumn[], prefix: string): string[] {
  const flags = columns.flatMap(({ name, type }, i) =>
    name.startsWith(prefix) && type === "bool" && row.values[i] === 1 ? [name.slice(prefix.length)] : [],
  );
  return flags.length > 0 ? flags : ["other"];
}

function gather(by: Slice["by"], outcomes: readonly Outcome[], valuesOf: (outcome: Outcome) => string[]): Slice[] {
  const members = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    for (const value of valuesOf(outcome)) {
      const list = members.get(value);
      if (list) list.push(outcome);
      else members.set(value, [outcome]);
    }
  }
  return [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, group]) => ({ by, value, films: group.length, ...summaryOf(group) }));
}

function summaryOf(outcomes: readonly Outcome[]): Pick<Slice, "rmse" | "bias" | "coverage"> {
  const errors = outcomes.map(({ row, predicted }) => predicted - row.rating);
  return {
    rmse: Math.sqrt(mean(errors.map((error) => error ** 2))),
    bias: mean(errors),
    coverage: coverageOf(outcomes),
  };
}

/** Share of films whose rating lies inside their interval. */
export function coverageOf(outcomes: readonly Outcome[]): number {
  return mean(outcomes.map(({ row, lower, upper }) => Number(row.rating >= lower && row.rating <= upper)));
}
