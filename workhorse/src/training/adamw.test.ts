import { describe, expect, test } from "vitest";
import { createAdamW, warmUpCosine } from "./adamw.ts";

const parameter = (values: number[], decays: boolean) => ({
  values: Float32Array.from(values),
  shape: [values.length],
  decays,
});

describe("AdamW", () => {
  test("moves by the learning rate at the first step, whatever the gradient's size", () => {
    const weights = parameter([1, 1, 1], false);
    createAdamW([weights], 0).step([[100, 0.001, -5]], 0.1);
    expect([...weights.values].map((value) => value.toFixed(4))).toEqual(["0.9000", "0.9000", "1.1000"]);
  });

  test("follows the paper's second step", () => {
    const weights = parameter([0], false);
    const optimizer = createAdamW([weights], 0);
    optimizer.step([[1]], 0.1);
    optimizer.step([[3]], 0.1);
    // m = 0.9 × 0.1 × 1 + 0.1 × 3, v = 0.999 × 0.001 × 1 + 0.001 × 9, corrected by 1 − 0.9² and 1 − 0.999².
    const second = 0.39 / 0.19 / Math.sqrt(0.009999 / 0.001999);
    expect(weights.values[0]).toBeCloseTo(-0.1 - 0.1 * second, 6);
  });

  test("decays weights by rate × decay apart from the gradient, and leaves biases", () => {
    const [weights, biases] = [parameter([2], true), parameter([2], false)];
    createAdamW([weights, biases], 0.5).step([[0], [0]], 0.1);
    expect(weights.values[0]).toBeCloseTo(2 * (1 - 0.1 * 0.5), 6);
    expect(biases.values[0]).toBe(2);
  });

  test("finds the bottom of a parabola", () => {
    const weights = parameter([5], false);
    const optimizer = createAdamW([weights], 0);
    for (let i = 0; i < 500; i++) optimizer.step([[2 * (weights.values[0]! - 3)]], 0.1);
    expect(weights.values[0]).toBeCloseTo(3, 2);
  });
});

test.each([
  ["nothing at the start", 0, 0],
  ["half way up", 0.05, 0.5],
  ["the peak", 0.1, 1],
  ["half way down", 0.55, 0.5],
  ["nothing at the end", 1, 0],
])("the learning rate's factor is %s", (_what, progress, factor) => {
  expect(warmUpCosine(progress, 0.1)).toBeCloseTo(factor, 12);
});
