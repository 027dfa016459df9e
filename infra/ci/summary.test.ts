import { describe, expect, it } from "vitest";
import { countTests, type Part, summarise } from "./summary.ts";

const part = (over: Partial<Part>): Part => ({
  name: "unit",
  exitCode: 0,
  seconds: 5,
  tests: { passed: 3, failed: 0, skipped: [] },
  ...over,
});

describe("a CI run", () => {
  it.each([
    [part({}), true, "when every part passed"],
    [part({ tests: { passed: 0, failed: 0, skipped: [] } }), true, "when a tier is still empty"],
    [part({ exitCode: 1 }), false, "when a part failed without a test that failed"],
    [part({ tests: { passed: 2, failed: 1, skipped: [] } }), false, "when a test failed"],
    [part({ tests: { passed: 2, failed: 0, skipped: ["a film is rated"] } }), false, "when a test was skipped"],
  ])("of %j is green: %s, %s", (given, green, _why) => {
    expect(summarise([part({ name: "lint", exitCode: 0 }), given]).green).toBe(green);
  });

  it("names what was skipped and ends with the counts alone on a line", () => {
    const { text } = summarise([part({ tests: { passed: 2, failed: 0, skipped: ["a film is rated"] } })]);
    expect(text).toContain("skipped in unit: a film is rated");
    expect(text.split("\n").at(-1)).toBe("2 passed, 0 failed");
  });

  it("counts a test file that could not be loaded as a failure", () => {
    const report = {
      testResults: [
        { name: "a.test.ts", status: "passed", assertionResults: [{ status: "passed", fullName: "x" }] },
        { name: "b.test.ts", status: "failed", message: "cannot find module", assertionResults: [] },
        { name: "c.test.ts", status: "passed", assertionResults: [{ status: "skipped", fullName: "y" }] },
      ],
    };
    expect(countTests(report)).toEqual({ passed: 1, failed: 1, skipped: ["y"] });
  });
});
