import { expect, test } from "vitest";
import { predictBaselines, predictMembers } from "./baselines.ts";
import { createExamples, fitScaler } from "./input-examples.ts";
import { mean, rmseOf } from "./metrics.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

const { columns, rows } = syntheticTrainingSet({ films: 1_000 });
const scaler = fitScaler(rows.slice(0, 800), columns.length, 5);
const part = (from: number, to: number) => ({
  rows: rows.slice(from, to),
  examples: createExamples(rows.slice(from, to), columns, scaler, 0),
});
const input = { columns, learned: part(0, 800), tested: part(800, 1_000) };
const predicted = { ...predictBaselines(input), ...predictMembers(input) };
const level = mean(input.learned.rows.map(({ rating }) => rating));
const director = columns.findIndex(({ name }) => name === "director_mean");

test("the mean is that of the learned films, for every film", () => {
  expect(new Set(predicted.mean)).toEqual(new Set([level]));
});

test("a director's films count from the climate of the day; an unknown director adds nothing to it", () => {
  input.tested.rows.forEach(({ values }, i) => {
    expect(predicted.director?.[i]).toBe(values[0]! + values[director]!);
  });
  const unknown = { ...input.tested.rows[0]!, values: input.tested.rows[0]!.values.with(director, Number.NaN) };
  const tested = { rows: [unknown], examples: input.tested.examples };
  expect(predictBaselines({ ...input, tested }).director).toEqual([unknown.values[0]]);
});

test("each is better than the one before where ratings follow features", () => {
  const outcomes = input.tested.rows.map(({ rating }) => rating);
  const [first, second, third] = ["mean", "director", "ridge"].map((name) => rmseOf(predicted[name]!, outcomes));
  expect(second).toBeLessThan(first!);
  expect(third).toBeLessThan(second!);
});
