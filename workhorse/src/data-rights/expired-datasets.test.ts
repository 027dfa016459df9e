import { expect, it } from "vitest";
import { expiredDatasets } from "./expired-datasets.ts";

const dataset = (hash: string, day: string, trainingRuns = 0) => ({ hash, builtAt: new Date(day), trainingRuns });
const DATASETS = [
  dataset("old", "2026-01-01"),
  dataset("trained", "2026-01-02", 1),
  dataset("border", "2026-02-01"),
  dataset("third", "2026-01-04"),
  dataset("second", "2026-01-05"),
];
// Out of order on purpose: the newest is "border".
const LIMIT = new Date("2026-02-01");

it.each([
  ["nothing goes where all is kept for ever", { keptFrom: undefined, allowedFrom: undefined }, []],
  ["the newest three stay, and what a run was trained on", { keptFrom: LIMIT, allowedFrom: undefined }, ["old"]],
  [
    "all go that a source does not allow, but the newest",
    { keptFrom: undefined, allowedFrom: new Date("2027-01-01") },
    ["second", "third", "trained", "old"],
  ],
  ["one on the border is allowed", { keptFrom: undefined, allowedFrom: LIMIT }, ["second", "third", "trained", "old"]],
  ["the day on the border stays", { keptFrom: new Date("2026-01-01"), allowedFrom: undefined }, []],
])("%s", (_what, limits, expired) => {
  expect(expiredDatasets(DATASETS, limits).map(({ hash }) => hash)).toEqual(expired);
});
