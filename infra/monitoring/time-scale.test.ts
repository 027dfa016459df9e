import { describe, expect, it } from "vitest";
import { scaledDuration } from "./time-scale.ts";

describe("a scaled duration", () => {
  it.each([
    ["whole hours are hours", 14_400, 1, "4h"],
    ["whole minutes are minutes", 600, 1, "10m"],
    ["whole seconds are seconds", 15, 1, "15s"],
    ["a minute and a half is seconds", 90, 1, "90s"],
    ["ten minutes at a fiftieth are twelve seconds", 600, 0.02, "12s"],
    ["what is no whole second is milliseconds", 15, 0.05, "750ms"],
  ])("%s", (_sentence, seconds, scale, expected) => {
    expect(scaledDuration(seconds, scale)).toBe(expected);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-9])("is refused at the scale %d", (scale) => {
    expect(() => scaledDuration(15, scale)).toThrow(expect.objectContaining({ code: "SETTINGS_INVALID" }));
  });
});
