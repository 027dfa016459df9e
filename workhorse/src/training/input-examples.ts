import { type InputScaler, scaleInto } from "@marquee/shared/model/input-scaler";
import { groupColumns } from "@marquee/shared/model/rating-model";
import type { TrainingRow, TrainingSet } from "./training-set.ts";

/** Below it a column counts as constant, and is left as it is. */
const MIN_SCALE = 1e-9;

/** Scaled rows as the network takes them. */
export interface Examples {
  rows: number;
  columns: number;
  /** [rows × columns] */
  inputs: Float32Array;
  /** [rows], rating points above the climate. */
  targets: Float32Array;
  /** Per column, the number of its feature group. */
  groupOf: Uint8Array;
}

/** Mean and standard deviation of what is known in each column; 0 and 1 where nothing is known or all is equal. */
export function fitScaler(rows: readonly TrainingRow[], columns: number, clip: number): InputScaler {
  const mean = new Float64Array(columns);
  const scale = new Float64Array(columns).fill(1);
  for (let column = 0; column < columns; column++) {
    const known = knownValues(rows, column);
    if (known.length === 0) continue;
    const center = known.reduce((sum, value) => sum + value, 0) / known.length;
    const variance = known.reduce((sum, value) => sum + (value - center) ** 2, 0) / known.length;
    mean[column] = center;
    if (Math.sqrt(variance) > MIN_SCALE) scale[column] = Math.sqrt(variance);
  }
  return { mean, scale, clip };
}

export function knownValues(rows: readonly TrainingRow[], column: number): number[] {
  return rows.map(({ values }) => values[column] ?? Number.NaN).filter((value) => !Number.isNaN(value));
}

/** @param climateColumn index of the column that the target is measured from */
export function createExamples(
  rows: readonly TrainingRow[],
  columns: TrainingSet["columns"],
  scaler: InputScaler,
  climateColumn: number,
): Examples {
  const inputs = new Float32Array(rows.length * columns.length);
  rows.forEach(({ values }, row) => {
    scaleInto(inputs, row * columns.length, values, scaler);
  });
  const groupOf = new Uint8Array(columns.length);
  groupColumns(columns).forEach(({ columns: indices }, group) => {
    for (const index of indices) groupOf[index] = group;
  });
  const targets = Float32Array.from(rows, ({ rating, values }) => rating - (values[climateColumn] ?? Number.NaN));
  return { rows: rows.length, columns: columns.length, inputs, targets, groupOf };
}
