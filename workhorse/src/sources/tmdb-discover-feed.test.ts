import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import { splitWindow } from "./tmdb-discover-feed.ts";

const window = (from: string, to: string) => ({ from: from as CalendarDate, to: to as CalendarDate });

describe("a window of discover", () => {
  it.each([
    [10_000, window("2000-01-01", "2000-12-31"), undefined, "500 pages are shown: it stays whole"],
    [
      10_001,
      window("2000-01-01", "2000-01-04"),
      [window("2000-01-01", "2000-01-02"), window("2000-01-03", "2000-01-04")],
      "one film more splits it",
    ],
    [
      99_999,
      window("2000-01-01", "2000-01-02"),
      [window("2000-01-01", "2000-01-01"), window("2000-01-02", "2000-01-02")],
      "down to single days",
    ],
    [99_999, window("2000-01-01", "2000-01-01"), undefined, "which cannot be split"],
  ])("of %i films, %j, becomes %j: %s", (films, given, expected, _why) => {
    expect(splitWindow(given, { total_results: films })).toEqual(expected);
  });
});
