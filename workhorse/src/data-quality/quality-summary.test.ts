import { describe, expect, it } from "vitest";
import type { QualityCheck } from "./quality-check.ts";
import { describeCheck, summariseChecks } from "./quality-summary.ts";

const check = (changes: Partial<QualityCheck>): QualityCheck => ({
  layer: "silver",
  subject: "movies",
  metric: "rows",
  value: 1,
  expected: "any number",
  verdict: "pass",
  ...changes,
});

describe("a check in words", () => {
  it.each([
    ["a count", 1_234_567, "1,234,567"],
    ["a share", 0.33, "0.33"],
    ["a share of one in a million, which is not none", 0.000001, "0.000001"],
    ["a mean", 6.51234, "6.512"],
    ["what could not be measured", null, "not known"],
  ])("tells %s", (_what, value, words) => {
    expect(describeCheck(check({ value }))).toBe(`movies rows is ${words} (expected: any number)`);
  });
});

describe("the sum of a run's checks", () => {
  it("is as grave as the gravest, and tells stops and warnings apart", () => {
    const [pass, warn, stop] = [check({}), check({ verdict: "warn" }), check({ verdict: "stop", subject: "credits" })];
    expect(summariseChecks([])).toEqual({ verdict: "pass", stops: [], warnings: [] });
    expect(summariseChecks([pass, warn]).verdict).toBe("warn");
    expect(summariseChecks([stop, pass, warn])).toEqual({
      verdict: "stop",
      stops: ["credits rows is 1 (expected: any number)"],
      warnings: ["movies rows is 1 (expected: any number)"],
    });
  });
});
