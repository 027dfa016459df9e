import { expect, test } from "vitest";
import { scaleInto } from "./input-scaler.ts";

const scaler = { mean: Float64Array.from([100]), scale: Float64Array.from([20]), clip: 5 };

test.each([
  ["the mean is 0", 100, 0],
  ["a standard deviation is 1", 120, 1],
  ["just inside the cut", 199, 4.95],
  ["the cut itself", 200, 5],
  ["beyond it", 201, 5],
  ["beyond it below", -1_000, -5],
  ["unknown is the mean", Number.NaN, 0],
])("%s", (_what, value, scaled) => {
  const target = new Float64Array(3);
  scaleInto(target, 1, [value], scaler);
  expect([...target]).toEqual([0, scaled, 0]);
});
