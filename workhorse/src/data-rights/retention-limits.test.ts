import { describe, expect, it } from "vitest";
import { keptFrom, refetchedFrom } from "./retention-limits.ts";

describe("what is kept", () => {
  it.each([
    ["everything for 0 days", 0, "2026-03-02T00:00:00.000Z", undefined],
    ["yesterday whole for a day, in the evening", 1, "2026-03-02T23:59:59.999Z", "2026-03-01T00:00:00.000Z"],
    ["yesterday whole for a day, in the morning", 1, "2026-03-02T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["the 29th of February where there is one", 2, "2024-03-02T12:00:00.000Z", "2024-02-29T00:00:00.000Z"],
    ["the same day of the year before for 365 days", 365, "2026-03-02T12:00:00.000Z", "2025-03-02T00:00:00.000Z"],
    ["what is younger than 400 days", 400, "2026-03-02T12:00:00.000Z", "2025-01-26T00:00:00.000Z"],
  ])("is %s", (_what, days, now, first) => {
    expect(keptFrom(days, new Date(now))?.toISOString()).toBe(first);
  });
});

describe("what is fetched again", () => {
  it.each([
    ["nothing where nothing expires", 0, undefined],
    ["what expires within seven days", 180, "2025-09-10"],
    ["what expires within seven days of four weeks", 28, "2026-02-09"],
    ["what expires within a quarter of a short time", 8, "2026-02-24"],
    ["only what has expired where the time is three days", 3, "2026-02-27"],
    ["only what has expired where the time is a day", 1, "2026-03-01"],
  ])("is %s", (_what, days, first) => {
    expect(refetchedFrom(days, new Date("2026-03-02T12:00:00Z"))?.toISOString().slice(0, 10)).toBe(first);
  });

  it.each([1, 2, 3, 4, 10, 30, 180])(
    "is never younger than today, and never only what is gone already (%i days)",
    (days) => {
      const now = new Date("2026-03-02T12:00:00Z");
      const [kept, refetched] = [keptFrom(days, now), refetchedFrom(days, now)];
      expect(refetched && refetched < now).toBe(true);
      expect(kept && refetched && refetched >= kept).toBe(true);
    },
  );
});
