import { expect, test } from "vitest";
import { type CalendarDate, epochDay } from "../contracts/time.ts";
import { isMature } from "./maturity.ts";

const day = (date: string) => epochDay(date as CalendarDate);
const TODAY = day("2026-07-01");

test.each([
  ["50 votes, 90 days after release", 50, day("2026-04-02"), true],
  ["49 votes", 49, day("2026-04-02"), false],
  ["89 days after release", 50, day("2026-04-03"), false],
  ["many votes before the release", 10_000, day("2026-12-01"), false],
  ["no release day", 10_000, undefined, false],
] as const)("a rating with %s counts as it should", (_sentence, votes, releaseDay, mature) => {
  expect(isMature(votes, releaseDay, TODAY)).toBe(mature);
});
