import { expect, test } from "vitest";
import { latestGoodEpoch } from "./train-ensemble.ts";

test.each([
  ["the best where it is the last", [0.9, 0.85, 0.8], 3],
  ["the best where what follows is clearly worse", [0.9, 0.8, 0.85, 0.9], 2],
  ["a later one that is as good but for noise", [0.9, 0.8, 0.801, 0.803, 0.9], 4],
  ["not a later one beyond noise", [0.9, 0.8, 0.805], 2],
  ["one that comes back after a bad one", [0.8, 0.9, 0.8], 3],
  ["the only one", [1], 1],
])("keeps %s", (_what, rmses, epoch) => {
  expect(latestGoodEpoch(rmses)).toBe(epoch);
});
