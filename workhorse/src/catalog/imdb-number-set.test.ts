import { describe, expect, it } from "vitest";
import { createNumberSet, leadingNumber } from "./imdb-number-set.ts";

describe("a set of IMDb's numbers", () => {
  it("has what was added and nothing beside it, also at the ends of its pages", () => {
    const numbers = [0, 1, 7, 8, 65_535, 65_536, 133_093, 40_000_000, 2_147_483_647];
    const set = createNumberSet();
    for (const number of numbers) set.add(number);
    for (const number of numbers) {
      expect(set.has(number)).toBe(true);
      for (const other of [number - 1, number + 1]) expect(set.has(other)).toBe(numbers.includes(other));
    }
  });
});

describe("the number that a line begins with", () => {
  it.each([
    ["tt0000001\tmovie", 1],
    ["nm10123456\tAnn", 10_123_456],
    ["tt0000001", undefined],
    ["tt\tmovie", undefined],
    ["tt00x1\tmovie", undefined],
    ["\\N\tmovie", undefined],
    ["", undefined],
  ])("of %j is %s", (line, number) => {
    expect(leadingNumber(line)).toBe(number);
  });
});
