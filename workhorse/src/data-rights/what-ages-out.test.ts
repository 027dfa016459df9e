import { describe, expect, it } from "vitest";
import { whatAgesOut } from "./what-ages-out.ts";

const days = (options: Parameters<typeof whatAgesOut>[0]) =>
  Object.fromEntries(whatAgesOut(options).map(({ place, days: limit }) => [place, limit]));

describe("what of an erased user can only age out", () => {
  it("is in Kafka's topics, spools and backups, each with its limit", () => {
    expect(days({ kafka: { live: 30, dead: 90 }, keep: { daily: 7, weekly: 4, monthly: 12 } })).toEqual({
      "Kafka topic events.user": 30,
      "Kafka topic events.user.dead": 90,
      "spools (SPOOL_FOLDER)": null,
      backups: 372,
    });
  });

  it("is not in a bus that is tables of the database", () => {
    expect(Object.keys(days({ kafka: undefined, keep: { daily: 7, weekly: 4, monthly: 12 } }))).toEqual([
      ...["spools (SPOOL_FOLDER)", "backups"],
    ]);
  });

  it.each([
    ["weeks", { daily: 7, weekly: 4, monthly: 0 }, 28],
    ["days", { daily: 30, weekly: 4, monthly: 0 }, 30],
    ["the newest backup, which always stays", { daily: 0, weekly: 0, monthly: 0 }, 1],
  ])("is in backups for as long as the longest of them is kept: %s", (_what, keep, limit) => {
    expect(days({ kafka: undefined, keep }).backups).toBe(limit);
  });
});
