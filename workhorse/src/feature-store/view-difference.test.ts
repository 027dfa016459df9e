import { describe, expect, it } from "vitest";
import { describeDifference, diffViews, type RegisteredDefinition, type ViewMeaning } from "./view-difference.ts";

const runtime = { name: "runtime_minutes", unit: "minutes", type: "float64", default: null };
const budget = { name: "budget_log10", unit: "log10 USD", type: "float64", default: null, answers: "cafe" };
const definition: RegisteredDefinition = {
  name: "film_metadata",
  version: 1,
  ttlSeconds: 3600,
  source: ["movies"],
  columns: [runtime, budget],
};
const before: ViewMeaning = { version: 1, hash: "a", definition };

function wordsOf(after: Partial<RegisteredDefinition>, version = 2): string[] {
  return diffViews(before, { version, hash: "b", definition: { ...definition, version, ...after } }).map(
    describeDifference,
  );
}

describe("two versions of a view", () => {
  it.each<[string, Partial<RegisteredDefinition>, string[]]>([
    ["the same columns and fields are no difference", {}, []],
    ["a column that came", { columns: [runtime, budget, { name: "genre_drama" }] }, ["column genre_drama was added"]],
    ["a column that went", { columns: [budget] }, ["column runtime_minutes was removed"]],
    [
      "a column of another name is one that went and one that came",
      { columns: [{ ...runtime, name: "runtime_hours" }, budget] },
      ["column runtime_minutes was removed", "column runtime_hours was added"],
    ],
    [
      "another unit",
      { columns: [{ ...runtime, unit: "hours" }, budget] },
      ["column runtime_minutes: unit was minutes, is hours"],
    ],
    [
      "another type",
      { columns: [{ ...runtime, type: "bool" }, budget] },
      ["column runtime_minutes: type was float64, is bool"],
    ],
    [
      "another default, where null stands for unknown",
      { columns: [{ ...runtime, default: 0 }, budget] },
      ["column runtime_minutes: default was null, is 0"],
    ],
    [
      "a field that an earlier release did not have",
      { columns: [{ ...runtime, owner: "kim" }, budget] },
      ["column runtime_minutes: owner was not given, is kim"],
    ],
    [
      "other answers, where both were asked",
      {
        columns: [
          { ...runtime, answers: "5eed" },
          { ...budget, answers: "beef" },
        ],
      },
      ["column budget_log10: the function answers otherwise"],
    ],
    ["another time to live", { ttlSeconds: 7200 }, ["ttlSeconds was 3600, is 7200"]],
    ["another source", { source: ["movies", "credits"] }, ['source was ["movies"], is ["movies","credits"]']],
    ["another order, which changes the vector", { columns: [budget, runtime] }, ["the columns stand in another order"]],
    [
      "all of it at once, the view's own fields first",
      { ttlSeconds: 60, columns: [{ ...budget, unit: "USD" }, { name: "genre_drama" }] },
      [
        "ttlSeconds was 3600, is 60",
        "column runtime_minutes was removed",
        "column budget_log10: unit was log10 USD, is USD",
        "column genre_drama was added",
      ],
    ],
  ])("%s", (_sentence, after, expected) => {
    expect(wordsOf(after)).toEqual(expected);
  });

  it("of one number and definition whose hashes differ answer otherwise, though nobody has kept in which column", () => {
    expect(wordsOf({}, 1)).toEqual(["the definition is the same, and the function answers otherwise"]);
    expect(diffViews(before, before)).toEqual([]);
  });
});
