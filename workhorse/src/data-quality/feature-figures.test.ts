import { columnsOf } from "@marquee/shared/features/view-columns";
import { expect, it } from "vitest";
import { createFeatureFigures } from "./feature-figures.ts";

const column = (name: string, unit: string) => columnsOf("release")(name, unit, name);
const COLUMNS = [column("genre_drama", "0/1"), column("season", "-1…1"), column("runtime", "minutes")];

const figuresOf = (rows: readonly (readonly number[])[], ratings: readonly number[] = []) => {
  const figures = createFeatureFigures(COLUMNS);
  for (const values of rows) figures.add(values);
  return Object.fromEntries(
    figures.figures(ratings).map(({ subject, metric, value }) => [`${subject} ${metric}`, value]),
  );
};

it("counts what is missing and what cannot be, column by column", () => {
  const rows = [[1, -1, 100], [2, 1.01, Number.POSITIVE_INFINITY], [Number.NaN, 0, -5], [0]];
  expect(figuresOf(rows, [6, 7])).toEqual({
    "feature_movies rows": 4,
    "feature_movies null_share genre_drama": 0.25,
    "feature_movies out_of_range_share genre_drama": 0.25,
    "feature_movies null_share season": 0.25,
    "feature_movies out_of_range_share season": 0.25,
    "feature_movies null_share runtime": 0.25,
    "feature_movies out_of_range_share runtime": 0.25,
    "mature films rows": 2,
    "mature films mean rating": 6.5,
  });
});

it("of no films there is no share, and of no ratings no mean", () => {
  expect(figuresOf([])).toMatchObject({
    "feature_movies rows": 0,
    "feature_movies null_share runtime": null,
    "mature films mean rating": null,
  });
});
