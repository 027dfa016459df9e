import { expect, test } from "vitest";
import { fitRidge, predictLinear } from "./ridge.ts";
import { createSeededRandom } from "./seeded-random.ts";

const random = createSeededRandom(11);
const rows = Float64Array.from({ length: 200 * 3 }, () => 2 * random.next() - 1);
const line = (row: number) => 4 + 2 * rows[row * 3]! - 1 * rows[row * 3 + 1]!;
const targets = Float64Array.from({ length: 200 }, (_, row) => line(row));

test("finds the line that made the targets where the penalty is next to nothing", () => {
  const model = fitRidge(rows, targets, 1e-9);
  expect([model.intercept, ...model.weights].map((value) => Number(value.toFixed(6)) + 0)).toEqual([4, 2, -1, 0]);
  expect(predictLinear(model, rows, 5 * 3)).toBeCloseTo(line(5), 6);
});

test("one column: slope is the covariance over variance plus penalty", () => {
  const { weights, intercept } = fitRidge(Float64Array.from([1, 2, 3]), Float64Array.from([2, 4, 6]), 2);
  expect(weights[0]).toBeCloseTo(4 / (2 + 2), 12);
  expect(intercept).toBeCloseTo(4 - 2, 12);
});

test("draws the weights towards zero and the prediction towards the mean as the penalty grows", () => {
  const model = fitRidge(rows, targets, 1e12);
  expect(Math.max(...model.weights.map(Math.abs))).toBeLessThan(1e-6);
  expect(model.intercept).toBeCloseTo(targets.reduce((sum, target) => sum + target, 0) / 200, 4);
});

test("columns that are equal or constant share or get nothing, and break nothing", () => {
  const doubled = Float64Array.from({ length: 200 * 3 }, (_, i) => (i % 3 === 2 ? 1 : rows[Math.floor(i / 3) * 3]!));
  const { weights } = fitRidge(doubled, targets, 1e-3);
  expect(weights[0]).toBeCloseTo(weights[1]!, 6);
  expect(weights[2]).toBeCloseTo(0, 12);
});
