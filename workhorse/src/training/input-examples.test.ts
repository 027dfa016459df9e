import { expect, test } from "vitest";
import { createExamples, fitScaler } from "./input-examples.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

const { columns, rows } = syntheticTrainingSet({ films: 200 });
const scaler = fitScaler(rows, columns.length, 5);
const indexOf = (name: string) => columns.findIndex((column) => column.name === name);

test("scales by mean and standard deviation of what is known", () => {
  const runtime = indexOf("runtime_minutes");
  const known = rows.map(({ values }) => values[runtime]!).filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  expect(known.length).toBeLessThan(200);
  expect(scaler.mean[runtime]).toBeCloseTo(mean, 10);
  expect(scaler.scale[runtime]! ** 2).toBeCloseTo(known.reduce((sum, v) => sum + (v - mean) ** 2, 0) / known.length, 8);
});

test("leaves a column alone that is never known, or always the same", () => {
  const unknown = indexOf("collection_mean");
  expect([scaler.mean[unknown], scaler.scale[unknown]]).toEqual([0, 1]);
  const same = rows.map((row) => ({ ...row, values: row.values.with(unknown, 3) }));
  const fitted = fitScaler(same, columns.length, 5);
  expect([fitted.mean[unknown], fitted.scale[unknown]]).toEqual([3, 1]);
});

test("makes one scaled row per film, the target above the climate, and a number per group", () => {
  const examples = createExamples(rows, columns, scaler, 0);
  expect(examples.inputs.length).toBe(200 * columns.length);
  expect(examples.inputs.every(Number.isFinite)).toBe(true);
  expect(examples.targets[7]).toBeCloseTo(rows[7]!.rating - rows[7]!.values[0]!, 5);
  expect([...examples.groupOf]).toEqual([0, 1, 2, 3, 4, 5, 5, 6, 6, 7, 8, 9]);
});
