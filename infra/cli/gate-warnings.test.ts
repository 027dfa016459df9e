import { describe, expect, it } from "vitest";
import { gateWarnings } from "./gate-warnings.ts";

describe("what the quality gate let pass with a warning", () => {
  it("is a line each", () => {
    const quality = { verdict: "warn", stops: [], warnings: ["movies rows is 9", "imdb refused is 1"] };
    expect(gateWarnings({ rowsIn: 1, rowsOut: 1, detail: { quality } })).toBe(
      "Warning: movies rows is 9\nWarning: imdb refused is 1",
    );
  });

  it.each([{}, { quality: { verdict: "pass", stops: [], warnings: [] } }])("is nothing without one: %j", (detail) => {
    expect(gateWarnings({ rowsIn: 0, rowsOut: 0, detail })).toBe("");
  });
});
