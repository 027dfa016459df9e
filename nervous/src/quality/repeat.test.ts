import { describe, expect, it } from "vitest";
import { leastPause } from "./repeat.ts";

describe("between two computations there is at least", () => {
  it.each([
    ["a second where one takes no time", 5, 60_000, 1_000],
    ["nine times as long as one took", 2_000, 60_000, 18_000],
    ["no more than the interval", 30_000, 60_000, 60_000],
    ["no more than an interval below a second", 5, 100, 100],
  ])("%s", (_sentence, took, interval, least) => {
    expect(leastPause(took, interval)).toBe(least);
  });
});
