import { describe, expect, it, test } from "vitest";
import {
  createProgressLine,
  describeProgress,
  type ProgressOutput,
  ratePerSecond,
  recentSamples,
} from "./progress-line.ts";

/** A line on an output that keeps what is written, with a clock that the test moves. */
function lineOn(isTTY: boolean) {
  const written: string[] = [];
  const output: ProgressOutput = { isTTY, write: (text) => written.push(text) };
  let at = 0;
  const line = createProgressLine(output, () => at);
  return {
    written,
    line,
    report: (seconds: number, done: number, unit = "films") => {
      at = seconds * 1_000;
      line.report({ done, total: 1_000, unit });
    },
  };
}

describe("a line of progress", () => {
  test.each([
    [{ done: 0, total: 3_200, unit: "films" }, 0, "0 of 3,200 films, 0 %"],
    [{ done: 1_240, total: 3_200, unit: "films" }, 410, "1,240 of 3,200 films, 38 %, 410/s, 5 s left"],
    [{ done: 3_200, total: 3_200, unit: "films" }, 410, "3,200 of 3,200 films, 100 %, 410/s"],
    [{ done: 3_199, total: 3_200, unit: "films" }, 410, "3,199 of 3,200 films, 99 %, 410/s, 1 s left"],
    [{ done: 12, unit: "files", note: "title.akas" }, 0.5, "12 files, 0.5/s, title.akas"],
    [{ done: 0, total: 0, unit: "films" }, 0, "0 of 0 films"],
  ])("says how far, how fast and how long still: %o at %d a second", (progress, rate, words) => {
    expect(describeProgress(progress, rate)).toBe(words);
  });
});

describe("the rate", () => {
  it("is that of the last half minute", () => {
    const samples = [
      { at: 0, done: 0 },
      { at: 60_000, done: 6_000 },
      { at: 80_000, done: 6_200 },
      { at: 100_000, done: 6_400 },
    ];
    expect(recentSamples(samples, 100_000).map(({ at }) => at)).toEqual([60_000, 80_000, 100_000]);
    expect(ratePerSecond(recentSamples(samples, 100_000))).toBe(10);
  });

  it("is nothing before there is a second look", () => {
    expect(ratePerSecond([])).toBe(0);
    expect(ratePerSecond([{ at: 5, done: 7 }])).toBe(0);
  });

  it("does not count what was done before the start", () => {
    const { report, written } = lineOn(true);
    report(1, 900);
    report(2, 910);
    expect(written.at(-1)).toContain("910 of 1,000 films, 91 %, 10/s, 9 s left");
  });

  it("begins anew with another part of the work", () => {
    const { report, written } = lineOn(true);
    report(1, 900);
    report(2, 10, "ratings");
    expect(written.at(-1)).not.toContain("/s");
    report(3, 30, "ratings");
    expect(written.at(-1)).toContain("20/s");
  });
});

describe("the line", () => {
  it("is written over on a terminal, ten times a second at most, and taken away at the end", () => {
    const { report, line, written } = lineOn(true);
    report(1, 1);
    report(1.05, 2);
    report(1.1, 3);
    line.end();
    expect(written.map((text) => text.replace("\r\u001b[K", "<"))).toEqual([
      "<1 of 1,000 films, 0 %",
      "<3 of 1,000 films, 0 %, 20/s, 50 s left",
      "<",
    ]);
  });

  it("makes room for a notice, which stays", () => {
    const { report, line, written } = lineOn(true);
    line.notice("Waiting.");
    report(1, 1);
    line.notice("IMDb does not answer.");
    report(2, 1);
    expect(written.map((text) => text.replace("\r\u001b[K", "<"))).toEqual([
      "Waiting.\n",
      "<1 of 1,000 films, 0 %",
      "<IMDb does not answer.\n",
      "<1 of 1,000 films, 0 %",
    ]);
  });

  it("is a line of its own every ten seconds elsewhere, and none for short work", () => {
    const { report, line, written } = lineOn(false);
    for (let second = 0; second <= 25; second++) report(second, second);
    line.end();
    expect(written).toEqual([
      "10 of 1,000 films, 1 %, 1/s, 17 min left\n",
      expect.stringContaining("20 of 1,000 films"),
    ]);
  });
});
