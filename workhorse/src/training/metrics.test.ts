import { describe, expect, test } from "vitest";
import { accuracyOf } from "./metrics.ts";

describe("accuracy", () => {
  test.each([
    ["exact predictions", [1, 2, 3], [1, 2, 3], { rmse: 0, mae: 0, r2: 1, spearman: 1, bias: 0 }],
    ["always a point too high", [2, 3, 4], [1, 2, 3], { rmse: 1, mae: 1, r2: 1 - 3 / 2, spearman: 1, bias: 1 }],
    ["the mean", [2, 2, 2], [1, 2, 3], { rmse: Math.sqrt(2 / 3), mae: 2 / 3, r2: 0, spearman: 0, bias: 0 }],
    ["upside down", [3, 2, 1], [1, 2, 3], { rmse: Math.sqrt(8 / 3), mae: 4 / 3, r2: -3, spearman: -1, bias: 0 }],
    ["one large error", [1, 2, 7], [1, 2, 3], { rmse: 4 / Math.sqrt(3), mae: 4 / 3, r2: -7, spearman: 1, bias: 4 / 3 }],
    ["outcomes that do not differ", [5, 7], [6, 6], { rmse: 1, mae: 1, r2: 0, spearman: 0, bias: 0 }],
  ])("of %s", (_what, predictions, outcomes, expected) => {
    const accuracy = accuracyOf(predictions, outcomes);
    for (const [name, value] of Object.entries(expected)) {
      expect(accuracy[name as keyof typeof accuracy], name).toBeCloseTo(value, 12);
    }
  });

  test("ranks ties by their mean rank, as scipy.stats.spearmanr does", () => {
    // spearmanr([1, 2, 2, 3], [1, 3, 2, 4]) = 0.9486832980505138
    expect(accuracyOf([1, 2, 2, 3], [1, 3, 2, 4]).spearman).toBeCloseTo(0.9486832980505138, 12);
  });
});
