import { describe, expect, it } from "vitest";
import { createReporter, describeProgress } from "./reporter.ts";

describe("progress", () => {
  it.each([
    [{ done: 1_240, total: 3_201, unit: "films" }, 3, "1,240 of 3,201 films, 413/s, 5 s left"],
    [{ done: 500, unit: "IMDb rows" }, 2, "500 IMDb rows, 250/s"],
    [{ done: 40, total: 30_000, unit: "films" }, 1, "40 of 30,000 films, 40/s, 12 min left"],
    [{ done: 3, total: 9, unit: "epochs", note: "loss 0.712" }, 6, "3 of 9 epochs, loss 0.712, 12 s left"],
    [{ done: 0, total: 9, unit: "films" }, 0, "0 of 9 films"],
    [{ done: 9, total: 9, unit: "films" }, 3, "9 of 9 films, 3/s"],
  ])("%j after %i s reads: %s", (progress, seconds, expected) => {
    expect(describeProgress(progress, seconds)).toBe(expected);
  });

  it("is told every five seconds where the output is no terminal, then the outcome", async () => {
    const lines: string[] = [];
    let time = 0;
    const reporter = createReporter({ write: (text) => lines.push(text) }, () => time);
    await reporter.step(
      "collect",
      async (onProgress) => {
        for (time = 1_000; time <= 12_000; time += 1_000) onProgress({ done: time / 1_000, total: 20, unit: "films" });
        return 12;
      },
      (films) => `${films} films`,
    );
    expect(lines.map((line) => line.trim().replace(/ {2,}/g, "  "))).toEqual([
      "collect  5 of 20 films, 1/s, 15 s left",
      "collect  10 of 20 films, 1/s, 10 s left",
      "collect  12 films  13.0 s",
    ]);
  });
});
