import { expect, test } from "vitest";
import { profileOf } from "./reference-profile.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

const { columns, rows } = syntheticTrainingSet({ films: 300 });

test("counts predictions by half points, the ends of the scale included", () => {
  const { predictions } = profileOf(rows, columns, [0, 0.49, 0.5, 6.2, 6.49, 9.99, 10]);
  expect(predictions.width * predictions.counts.length).toBe(10);
  expect(predictions.counts).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2]);
});

test("describes what is known of each column", () => {
  const values = Array.from({ length: 11 }, (_, i) => i * 10);
  const made = rows.slice(0, 22).map((row, i) => ({ ...row, values: row.values.with(2, values[i] ?? Number.NaN) }));
  expect(profileOf(made, columns, []).columns[2]).toEqual({
    name: "runtime_minutes",
    missing: 0.5,
    mean: 50,
    deciles: values,
  });
});

test("says of a column that is never known that nothing is", () => {
  expect(profileOf(rows, columns, []).columns.at(-1)).toEqual({
    name: "collection_mean",
    missing: 1,
    mean: null,
    deciles: null,
  });
});
