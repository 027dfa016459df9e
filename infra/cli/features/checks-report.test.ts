import type { LeakReport } from "@marquee/workhorse/feature-store/leaks/detect-leaks";
import type { SkewReport } from "@marquee/workhorse/feature-store/skew/check-skew";
import { describe, expect, it } from "vitest";
import { describeLeaks, describeSkew, leaksFound, skewFound } from "./checks-report.ts";

const leaks: LeakReport = {
  ...{ films: 1_234, days: 20, columns: 95 },
  findings: [
    {
      ...{ view: "film_metadata@2", column: "runtime_minutes", films: 3 },
      example: { tmdbId: 19_995, asOf: "2009-12-10" as never, before: 0.1 + 0.2, after: null },
    },
  ],
};
const skew: SkewReport = {
  ...{ films: 200, columns: 95, onDemand: 0, dataset: "ab" },
  unchecked: [{ view: "film_text@2", reason: "it was never materialised" }],
  findings: [
    {
      ...{ view: "film_metadata@2", column: "runtime_minutes", problem: "differs online", films: 1 },
      example: { tmdbId: 19_995, offline: 162, online: 162.00000000000003 },
    },
  ],
};

describe("features check-leaks", () => {
  it("shows each column that knew too much, with every digit of both values", () => {
    expect(describeLeaks(leaks).split("\n")).toEqual([
      "view             column           films  such as  as of       value                with another future",
      "film_metadata@2  runtime_minutes      3  19995    2009-12-10  0.30000000000000004  unknown",
      "Of 1,234 films around 20 days, 95 columns each.",
    ]);
    expect(leaksFound(leaks).message).toBe("Features know what happened only later: film_metadata@2 runtime_minutes.");
  });

  it("says how many films it looked at where it finds nothing", () => {
    expect(describeLeaks({ ...leaks, findings: [] })).toBe(
      "No feature knows what happened later: 1,234 films around 20 days, 95 columns each.",
    );
  });
});

describe("features check-skew", () => {
  it("shows each column that differs, and the views that it could not compare", () => {
    expect(describeSkew(skew).split("\n")).toEqual([
      "view             column           what            films  such as  offline  online",
      "film_metadata@2  runtime_minutes  differs online      1  19995    162      162.00000000000003",
      "film_text@2 was not compared: it was never materialised.",
      "Of 200 films, 95 columns each, 0 of them computed on demand as well.",
    ]);
    expect(skewFound(skew)).toMatchObject({
      code: "CHECKS_FAILED",
      message: expect.stringContaining("film_metadata@2"),
    });
  });

  it("says no more than that where nothing could be compared", () => {
    expect(describeSkew({ ...skew, films: 0, findings: [] })).toBe(
      "film_text@2 was not compared: it was never materialised.",
    );
  });

  it("does not say that all is well where a part could not be compared", () => {
    expect(describeSkew({ ...skew, findings: [] }).split("\n")).toEqual([
      "film_text@2 was not compared: it was never materialised.",
      "All else that lies online is what was built: 200 films, 95 columns each, 0 of them computed on demand as well.",
    ]);
  });

  it("says how many films it looked at where all is well", () => {
    expect(describeSkew({ ...skew, unchecked: [], findings: [] })).toBe(
      "What lies online is what was built: 200 films, 95 columns each, 0 of them computed on demand as well.",
    );
  });
});
