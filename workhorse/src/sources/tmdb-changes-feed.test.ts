import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import { rangesOf } from "./tmdb-changes-feed.ts";

const ranges = (from: string, until: string): string[] =>
  rangesOf(from as CalendarDate, until as CalendarDate).map((range) => `${range.from} ${range.to}`);

describe("ranges of changes", () => {
  it.each([
    ["2026-03-01", "2026-03-01", ["2026-03-01 2026-03-01"], "a day alone"],
    ["2026-03-01", "2026-03-14", ["2026-03-01 2026-03-14"], "two weeks are one range"],
    ["2026-03-01", "2026-03-15", ["2026-03-01 2026-03-14", "2026-03-15 2026-03-15"], "a day more is another"],
    ["2026-02-20", "2026-03-25", ["2026-02-20 2026-03-05", "2026-03-06 2026-03-19", "2026-03-20 2026-03-25"], "weeks"],
    ["2026-03-02", "2026-03-01", [], "a clock that went back"],
  ])("from %s until %s: %j (%s)", (from, until, expected, _why) => {
    expect(ranges(from, until)).toEqual(expected);
  });
});
