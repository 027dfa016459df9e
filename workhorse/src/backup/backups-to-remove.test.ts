import { describe, expect, it } from "vitest";
import { backupNameOf } from "./backup-keys.ts";
import { backupsToRemove, type KnownBackup } from "./backups-to-remove.ts";

const NOW = new Date("2026-11-21T04:00:00Z");
const DAY_MS = 86_400_000;

function backup(moment: string | Date, state: KnownBackup["state"] = "good"): KnownBackup {
  const begunAt = new Date(moment);
  return { name: backupNameOf(begunAt), begunAt, state };
}

/** One a night at 03:30 UTC, the newest first. */
const nights = (count: number) =>
  Array.from({ length: count }, (_, i) => backup(new Date(new Date("2026-11-21T03:30:00Z").getTime() - i * DAY_MS)));

function keptDays(backups: readonly KnownBackup[], keep: { daily: number; weekly: number; monthly: number }): string[] {
  const removed = backupsToRemove(backups, NOW, keep);
  return backups
    .filter(({ name }) => !removed.includes(name))
    .map(({ name }) => name.slice(0, 10))
    .sort()
    .reverse();
}

describe("the backups that stay", () => {
  it("are of the last 7 days, the last 4 weeks and the last 12 months, after two years of nights", () => {
    expect(keptDays(nights(730), { daily: 7, weekly: 4, monthly: 12 })).toEqual([
      ...["2026-11-21", "2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17", "2026-11-16", "2026-11-15"],
      // Sundays end their weeks; the 15th is one of them, and of the seven days too.
      ...["2026-11-08", "2026-11-01"],
      ...["2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31"],
      ...["2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31"],
    ]);
  });

  it.each([
    ["the newest, even where nothing is to be kept", nights(3), [0, 0, 0], ["2026-11-21"]],
    ["all, where there are fewer than are to be kept", nights(2), [7, 4, 12], ["2026-11-21", "2026-11-20"]],
    [
      "the newest of a day that has several",
      [backup("2026-11-21T03:30:00Z"), backup("2026-11-20T23:59:59Z"), backup("2026-11-20T00:00:00Z")],
      [2, 0, 0],
      ["2026-11-21", "2026-11-20"],
    ],
    [
      "those of the last 24 hours, so that one of a damaged database does not push out the one before",
      [backup("2026-11-21T03:59:00Z"), backup("2026-11-21T00:30:00Z"), backup("2026-11-20T04:00:00Z")],
      [1, 0, 0],
      ["2026-11-21", "2026-11-21"],
    ],
    [
      "counted by days that have one, so that a long pause costs none",
      [backup("2026-11-01T03:30:00Z"), backup("2026-06-01T03:30:00Z"), backup("2026-05-01T03:30:00Z")],
      [2, 0, 0],
      ["2026-11-01", "2026-06-01"],
    ],
    [
      "a Sunday's and the Monday's after it, which are of two weeks",
      [backup("2026-11-16T03:30:00Z"), backup("2026-11-15T03:30:00Z"), backup("2026-11-09T03:30:00Z")],
      [0, 2, 0],
      ["2026-11-16", "2026-11-15"],
    ],
  ] as const)("are %s", (_sentence, backups, [daily, weekly, monthly], expected) => {
    expect(keptDays(backups, { daily, weekly, monthly })).toEqual(expected);
  });

  it("include no unfinished one that is older than two days, and each younger one", () => {
    const young = backup(new Date(NOW.getTime() - 2 * DAY_MS), "unfinished");
    const old = backup(new Date(NOW.getTime() - 2 * DAY_MS - 1_000), "unfinished");
    expect(backupsToRemove([young, old], NOW, { daily: 7, weekly: 4, monthly: 12 })).toEqual([old.name]);
  });

  it("are not crowded out by unfinished ones, nor by unreadable ones, which stay", () => {
    const good = backup("2026-11-10T03:30:00Z");
    const unreadable = backup("2024-01-01T03:30:00Z", "unreadable");
    const others = [backup("2026-11-21T03:30:00Z", "unfinished"), backup("2026-11-20T03:30:00Z", "unreadable")];
    expect(backupsToRemove([good, unreadable, ...others], NOW, { daily: 1, weekly: 0, monthly: 0 })).toEqual([]);
  });

  it("go in the order of their age, the oldest first", () => {
    expect(
      backupsToRemove(nights(4), NOW, { daily: 1, weekly: 0, monthly: 0 }).map((name) => name.slice(0, 10)),
    ).toEqual(["2026-11-18", "2026-11-19", "2026-11-20"]);
  });
});
