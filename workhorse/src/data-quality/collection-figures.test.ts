import { expect, it } from "vitest";
import { collectionFigures } from "./collection-figures.ts";

it("counts what came, and which share of requests did not go well at first", () => {
  const requests = { tmdb: { ok: 2, not_found: 1, timeout: 1 }, imdb: {} };
  const detail = { files: 2, since: "2020-01-01", requests };
  const figures = collectionFigures({ rowsIn: 20, rowsOut: 3, detail });
  expect(figures.map(({ layer, subject, metric, value }) => [layer, `${subject} ${metric}`, value])).toEqual([
    ["bronze", "collection count rows_in", 20],
    ["bronze", "collection count rows_out", 3],
    ["bronze", "collection count files", 2],
    ["bronze", "tmdb requests count requests", 4],
    ["bronze", "tmdb requests fault_share", 0.25],
  ]);
});
