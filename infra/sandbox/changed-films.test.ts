import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, test } from "vitest";
import { changedFilms, changesRange } from "./changed-films.ts";
import { film, filmSetOf } from "./testing/few-films.ts";

const now = new Date("2026-07-15T12:00:00Z");

describe("the days of changes", () => {
  const rows = [
    { says: "are the last ones without dates", query: {}, range: { from: "2026-07-14", to: "2026-07-15" } },
    {
      says: "are those asked for",
      query: { start_date: "2026-07-01", end_date: "2026-07-15" },
      range: { from: "2026-07-01", to: "2026-07-15" },
    },
    { says: "may not be more than 14", query: { start_date: "2026-07-01", end_date: "2026-07-16" }, range: 20 },
    { says: "may not run backwards", query: { start_date: "2026-07-02", end_date: "2026-07-01" }, range: 20 },
    {
      says: "go to today from a start alone",
      query: { start_date: "2026-07-10" },
      range: { from: "2026-07-10", to: "2026-07-15" },
    },
    { says: "are too many from a start long ago", query: { start_date: "2026-06-01" }, range: 20 },
    {
      says: "are the day before an end alone",
      query: { end_date: "2026-07-10" },
      range: { from: "2026-07-09", to: "2026-07-10" },
    },
    { says: "must be days", query: { start_date: "2026-02-30" }, range: 23 },
  ];
  test.each(rows)("$says", ({ query, range }) => {
    expect(changesRange(query, now)).toEqual(range);
  });
});

test("the films of those days are listed by id, both ends included; films without a known change never", () => {
  const changed = (id: number, day: string) => film({ id }, { changedOn: day as CalendarDate });
  const set = filmSetOf([
    changed(9, "2026-07-01"),
    changed(3, "2026-07-05"),
    changed(5, "2026-07-06"),
    changed(4, "2026-06-30"),
    film({ id: 1 }),
  ]);
  const range = { from: "2026-07-01" as CalendarDate, to: "2026-07-05" as CalendarDate };
  expect(changedFilms(set, range).map(({ id }) => id)).toEqual([3, 9]);
});
