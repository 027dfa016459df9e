import { expect, test } from "vitest";
import { headerLine, tsvLine } from "./imdb-file.ts";

test("a line of IMDb's has tabs between fields, \\N for null and no quoting", () => {
  expect(tsvLine(["tt1", null, 'The "Big"\tOne\n', 0])).toBe('tt1\t\\N\tThe "Big" One \t0\n');
});

test("a header line is IMDb's", () => {
  expect(headerLine("title.ratings")).toBe("tconst\taverageRating\tnumVotes\n");
});
