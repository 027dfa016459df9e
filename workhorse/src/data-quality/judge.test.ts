import { expect, it } from "vitest";
import { judge, MIN_ROWS } from "./judge.ts";
import { type Figure, figureKey, type Metric, type Verdict } from "./quality-check.ts";

const figure = (metric: Metric, value: number | null, subject = "films"): Figure => ({
  layer: "silver",
  subject,
  metric,
  value,
});
const known = (...figures: Figure[]) => new Map(figures.map((known) => [figureKey(known), known.value ?? Number.NaN]));

/** Of a thousand rows, so that no number is too small to count. */
function verdictOf(metric: Metric, value: number | null, last?: number): Verdict | undefined {
  const lastGood = last === undefined ? known() : known(figure(metric, last));
  const rows = metric === "rows" ? [] : [figure("rows", 1_000), figure("count seen", 1_000)];
  return judge([figure(metric, value), ...rows], lastGood)[0]?.verdict;
}

it.each<[string, Metric, number | null, number | undefined, Verdict]>([
  ["the first load has nothing to be held against", "rows", 5, undefined, "pass"],
  ["as many as before", "rows", 1_000, 1_000, "pass"],
  ["98 % is what a day may take away", "rows", 980, 1_000, "pass"],
  ["fewer than 98 %", "rows", 979, 1_000, "warn"],
  ["80 % is still a load", "rows", 800, 1_000, "warn"],
  ["fewer than 80 % is a part of one", "rows", 799, 1_000, "stop"],
  ["half a file", "rows", 387_978, 775_956, "stop"],
  ["none where there were some", "rows", 0, 1_000, "stop"],
  ["none where there were none", "rows", 0, 0, "pass"],
  ["some where there were none: the first of their kind", "rows", 5, 0, "pass"],
  ["half as many again", "rows", 1_500, 1_000, "pass"],
  ["more than that is looked at and never stopped", "rows", 1_501, 1_000, "warn"],
  ["a hundred times as many too", "rows", 100_000, 1_000, "warn"],
  ["an empty column may always have been empty", "null_share release_date", 1, 1, "pass"],
  ["and in the first load nobody knows", "null_share release_date", 1, undefined, "pass"],
  ["five points more without a date", "null_share release_date", 0.15, 0.1, "pass"],
  ["more than five points", "null_share release_date", 0.151, 0.1, "warn"],
  ["twenty points", "null_share release_date", 0.3, 0.1, "warn"],
  ["more than twenty points", "null_share release_date", 0.301, 0.1, "stop"],
  ["a column that fills", "null_share release_date", 0, 0.9, "pass"],
  ["partners that were lost", "unmatched_share imdb_titles", 0.5, 0.1, "stop"],
  ["no value out of range", "out_of_range_share runtime_minutes", 0, undefined, "pass"],
  ["one in a thousand, in the first load too", "out_of_range_share runtime_minutes", 0.001, undefined, "warn"],
  ["one in a hundred", "out_of_range_share runtime_minutes", 0.01, undefined, "warn"],
  ["more than one in a hundred", "out_of_range_share runtime_minutes", 0.011, undefined, "stop"],
  ["an orphan", "orphan_share person", 0.001, undefined, "warn"],
  ["many orphans", "orphan_share person", 0.02, undefined, "stop"],
  ["a duplicate", "duplicate_share", 0.001, undefined, "warn"],
  ["many duplicates", "duplicate_share", 0.5, undefined, "stop"],
  ["one in a hundred refused", "quarantined_share", 0.01, undefined, "pass"],
  ["more than one in a hundred refused", "quarantined_share", 0.02, undefined, "warn"],
  ["one in ten refused", "quarantined_share", 0.1, undefined, "warn"],
  ["more than one in ten refused", "quarantined_share", 0.11, undefined, "stop"],
  ["as many as a person has accepted", "quarantined_share", 0.3, 0.3, "warn"],
  ["somewhat more than that", "quarantined_share", 0.33, 0.3, "warn"],
  ["far more than that", "quarantined_share", 0.34, 0.3, "stop"],
  ["as many out of range as a person has accepted", "out_of_range_share budget_usd", 0.02, 0.02, "warn"],
  ["one request in twenty failed", "fault_share", 0.05, undefined, "pass"],
  ["all requests failed once", "fault_share", 0.9, undefined, "warn"],
  ["the mean stays", "mean average", 6.4, 6.1, "pass"],
  ["the mean moves", "mean average", 6.5, 6.1, "warn"],
  ["the mean falls by a point", "mean average", 5.1, 6.1, "warn"],
  ["ratings from 0 to 100", "mean average", 61, 6.1, "stop"],
  ["a mean without an earlier one", "mean average", 61, undefined, "pass"],
  ["two days old", "age_days", 2, undefined, "pass"],
  ["three days old", "age_days", 3, undefined, "warn"],
  ["a year old, which stops nothing that can be made of it", "age_days", 365, 1, "warn"],
  ["counted, whatever it is", "count fetches", 0, 1_000, "pass"],
  ["not measured", "null_share release_date", null, 0.1, "pass"],
])("%s: %s %s after %s is %s", (_sentence, metric, value, last, verdict) => {
  expect(verdictOf(metric, value, last)).toBe(verdict);
});

it.each<[string, Metric, number, number | undefined, Figure[]]>([
  ["rows of a table that had few", "rows", 1, MIN_ROWS - 1, []],
  ["a share of few rows", "out_of_range_share runtime_minutes", 1 / 3, undefined, [figure("rows", 3)]],
  ["a mean of few rows", "mean average", 9, 5, [figure("rows", MIN_ROWS - 1)]],
  ["few rows that came", "quarantined_share", 1, undefined, [figure("rows", 0), figure("count seen", 2)]],
])("%s warns where many would stop", (_sentence, metric, value, last, others) => {
  const [check] = judge([figure(metric, value), ...others], last === undefined ? known() : known(figure(metric, last)));
  expect(check).toMatchObject({
    verdict: "warn",
    expected: expect.stringContaining(`no stop for fewer than ${MIN_ROWS} rows`),
  });
});

it("a file of which nothing at all could be taken stops, though it has no rows", () => {
  const [, check] = judge([figure("rows", 0), figure("quarantined_share", 1), figure("count seen", MIN_ROWS)], known());
  expect(check?.verdict).toBe("stop");
});

it("holds each subject against its own past", () => {
  const checks = judge(
    [figure("rows", 100, "movies"), figure("rows", 100, "credits")],
    known(figure("rows", 100, "movies"), figure("rows", 1_000, "credits")),
  );
  expect(checks.map(({ subject, verdict }) => [subject, verdict])).toEqual([
    ["movies", "pass"],
    ["credits", "stop"],
  ]);
});

it("says what was expected in numbers", () => {
  const expected = (metric: Metric, value: number, last?: number) =>
    judge([figure(metric, value)], last === undefined ? known() : known(figure(metric, last)))[0]?.expected;
  expect(expected("rows", 387_978, 775_956)).toBe("760,437 to 1,163,934, at least 620,765 (last 775,956)");
  expect(expected("null_share release_date", 0.4, 0.1)).toBe("at most 15 %, never over 30 % (last 10 %)");
  expect(expected("mean average", 6, 6.125)).toBe("6.13 ± 0.3, never off by over 1");
  expect(expected("rows", 3)).toBe("no earlier run");
});
