import { expect, test } from "vitest";
import { type Outcome, sliceOutcomes } from "./slices.ts";
import { syntheticTrainingSet } from "./testing/synthetic-training-set.ts";

const { columns, rows } = syntheticTrainingSet({ films: 400 });
/** Half a point too high for horror, exact else; intervals of a point to either side for films before 2010. */
const outcomes: Outcome[] = rows.map((row) => {
  const predicted = row.rating + (row.values[6] === 1 ? 0.5 : 0);
  const reach = row.releaseDate < "2010" ? 1 : 0.25;
  return { row, predicted, lower: predicted - reach, upper: predicted + reach };
});
const slices = sliceOutcomes(outcomes, outcomes.slice(0, 50), columns);
const slice = (by: string, value: string) => slices.find((entry) => entry.by === by && entry.value === value);

test("tells genres apart, and films without any", () => {
  expect(slice("genre", "horror")).toMatchObject({ bias: 0.5, rmse: 0.5 });
  expect(slice("genre", "drama")).toMatchObject({ bias: 0, rmse: 0 });
  expect(slice("genre", "other")).toMatchObject({ bias: 0 });
  const films = ["horror", "drama", "other"].map((genre) => slice("genre", genre)?.films ?? 0);
  expect(films.reduce((sum, count) => sum + count, 0)).toBe(400);
});

test("tells decades apart, their coverage too", () => {
  expect(slices.filter(({ by }) => by === "decade").map(({ value }) => value)).toEqual(["1990s", "2000s", "2010s"]);
  expect(slice("decade", "2000s")?.coverage).toBe(1);
  expect(slice("decade", "2010s")?.coverage).toBeLessThan(1);
});

test("tells languages apart", () => {
  expect(slices.filter(({ by }) => by === "language").map(({ value }) => value)).toEqual(["english", "other"]);
});

test("has the films of which little is known yet as a slice of their own", () => {
  expect(slice("known", "little known yet")?.films).toBe(50);
});

test("leaves out slices of which chance decides", () => {
  expect(sliceOutcomes(outcomes.slice(0, 19), outcomes.slice(0, 19), columns)).toEqual([]);
});
