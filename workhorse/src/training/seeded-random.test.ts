import { describe, expect, test } from "vitest";
import { createSeededRandom, shuffle } from "./seeded-random.ts";

const first = (count: number, ...keys: number[]) => {
  const random = createSeededRandom(...keys);
  return Array.from({ length: count }, () => random.next());
};

describe("a seeded stream", () => {
  test("is the same on every platform and in every release: artifacts depend on it", () => {
    const random = createSeededRandom(1, 0);
    expect(Array.from({ length: 4 }, () => random.next() * 2 ** 32)).toMatchInlineSnapshot(`
      [
        3883464186,
        453059516,
        677537098,
        4073161665,
      ]
    `);
  });

  test.each([
    ["another seed", [2, 0]],
    ["another member", [1, 1]],
    ["keys the other way round", [0, 1]],
    ["no second key", [1]],
  ])("is another one with %s", (_what, keys) => {
    expect(first(8, ...keys)).not.toEqual(first(8, 1, 0));
  });

  test("is uniform: mean, spread and no run from one number to the next", () => {
    const draws = first(100_000, 42);
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    const lag = draws.slice(1).reduce((sum, draw, i) => sum + (draw - mean) * (draws[i]! - mean), 0) / draws.length;
    // Three standard errors of each.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.003);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.001);
    expect(Math.abs(lag)).toBeLessThan(0.001);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
  });

  test("draws every whole number below a bound, and none else", () => {
    const random = createSeededRandom(3);
    expect([...new Set(Array.from({ length: 500 }, () => random.below(5)))].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("shuffles into another order of the same rows", () => {
    const order = Uint32Array.from({ length: 100 }, (_, i) => i);
    shuffle(order, createSeededRandom(9));
    expect(order).not.toEqual(Uint32Array.from({ length: 100 }, (_, i) => i));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
