import { describe, expect, test } from "vitest";
import { checkGoldenRows, GOLDEN_TOLERANCE } from "./golden-rows.ts";
import { createRatingModel } from "./rating-model.ts";
import { madeUpModel } from "./testing/made-up-model.ts";

/** The made-up model whose third golden row says something else. */
function withThirdRating(change: (rating: number) => number) {
  const { manifest, weights } = madeUpModel();
  const goldenRows = manifest.goldenRows.map((row, i) => (i === 2 ? { ...row, rating: change(row.rating) } : row));
  return createRatingModel({ ...manifest, goldenRows }, weights);
}

describe("golden rows", () => {
  test("pass where the kernel computes what training did", () => {
    expect(checkGoldenRows(madeUpModel())).toBe(0);
  });

  test("pass within the tolerance of float32", () => {
    expect(checkGoldenRows(withThirdRating((rating) => rating + GOLDEN_TOLERANCE / 2))).toBeGreaterThan(0);
  });

  test("refuse a model that computes something else here, naming the row", () => {
    expect(() => checkGoldenRows(withThirdRating((rating) => rating - 2 * GOLDEN_TOLERANCE))).toThrow(/golden row 2 /);
  });

  test("refuse a model that computes nothing at all", () => {
    expect(() => checkGoldenRows(withThirdRating(() => Number.NaN))).toThrow(/golden row 2 comes out NaN/);
  });
});
