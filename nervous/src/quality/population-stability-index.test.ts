import { describe, expect, it } from "vitest";
import { mergedBins, populationStabilityIndex } from "./population-stability-index.ts";

describe("the population stability index", () => {
  it("is Σ (a − r) ln(a / r), as worked out by hand", () => {
    // Shares 0.25 each against 0.1, 0.2, 0.3, 0.4; at a million values the added halves do not show.
    const index = populationStabilityIndex([250_000, 250_000, 250_000, 250_000], [100_000, 200_000, 300_000, 400_000]);
    // −0.15 ln 0.4 − 0.05 ln 0.8 + 0.05 ln 1.2 + 0.15 ln 1.6
    expect(index).toBeCloseTo(0.137444 + 0.011157 + 0.009116 + 0.070501, 5);
  });

  it.each([
    ["the same counts", [10, 40, 50], [10, 40, 50], 0],
    ["ten times the values in the same shares", [100, 400, 500], [1_000, 4_000, 5_000], 0],
    ["everything in one bin on both sides", [0, 100, 0], [0, 7, 0], 0],
  ])("is 0 where nothing moved: %s", (_what, reference, actual, expected) => {
    expect(populationStabilityIndex(reference, actual)).toBeCloseTo(expected, 3);
  });

  it.each([
    ["a small shift is stable", [100, 400, 400, 100], [110, 420, 380, 90], [0, 0.1]],
    ["half a rating point for most is to be looked at", [100, 400, 400, 100], [50, 300, 450, 200], [0.1, 0.25]],
    ["all at the other end is a shift", [400, 300, 200, 100], [0, 0, 50, 950], [1, 10]],
  ])("says that %s", (_sentence, reference, actual, [low = 0, high = 0]) => {
    const index = populationStabilityIndex(reference, actual);
    expect(index).toBeGreaterThanOrEqual(low);
    expect(index).toBeLessThan(high);
  });

  it("does not mind which side is the reference where both have as many values", () => {
    const [one, other] = [
      [100, 300, 600],
      [200, 300, 500],
    ];
    expect(populationStabilityIndex(one ?? [], other ?? [])).toBeCloseTo(
      populationStabilityIndex(other ?? [], one ?? []) ?? Number.NaN,
      10,
    );
  });

  it("stays finite where a bin is empty on either side", () => {
    expect(populationStabilityIndex([500, 500, 0], [0, 0, 1_000])).toBeLessThan(20);
    expect(Number.isFinite(populationStabilityIndex([500, 500], [1_000, 0]))).toBe(true);
  });

  it.each([
    ["no reference", [], [1, 2]],
    ["an empty reference", [0, 0], [1, 2]],
    ["nothing served", [1, 2], [0, 0]],
  ])("is not known with %s", (_what, reference, actual) => {
    expect(populationStabilityIndex(reference, actual)).toBeUndefined();
  });
});

describe("bins that are put together", () => {
  it.each([
    [
      "each stays that holds a twentieth",
      [5, 90, 5],
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    ],
    [
      "one that holds less goes with the next",
      [4, 91, 5],
      [
        [0, 2],
        [2, 3],
      ],
    ],
    [
      "what is left at the end goes with the last",
      [50, 46, 3, 1],
      [
        [0, 1],
        [1, 4],
      ],
    ],
    [
      "empty ends belong to their neighbours",
      [0, 0, 50, 50, 0, 0],
      [
        [0, 3],
        [3, 6],
      ],
    ],
    ["everything in one", [0, 7, 0], [[0, 3]]],
    ["nothing at all has none", [0, 0], []],
  ])("%s", (_sentence, counts, bins) => {
    expect(mergedBins(counts)).toEqual(bins);
  });
});
