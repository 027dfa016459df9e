import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { expect, test } from "vitest";
import { sampleIds } from "./vega-films.ts";
import { genresOfWords } from "./vega-genres.ts";
import { basicsRow, crewRow, nameRows, principalRows, ratingsRow } from "./vega-imdb.ts";

function film(index: number, votes: number, changes: object = {}) {
  return {
    id: (900000000 + index) as TmdbId,
    imdbId: `tt90000000${index}` as ImdbId,
    title: "Ben-Hur",
    releaseDate: "2025-12-30" as CalendarDate,
    year: 1925,
    runtime: 143,
    budget: 0,
    revenue: 0,
    genres: genresOfWords(["Drama", "Adventure"]),
    certification: "",
    director: "Bea",
    distributor: undefined,
    cast: ["Ada", "Cleo"],
    rating: 8,
    votes,
    ...changes,
  };
}

const films = [film(0, 10), film(1, 30, { cast: ["Bea"], director: undefined })];
const ids = sampleIds(films);

test("title.basics has the right year where TMDB's side has the wrong century", () => {
  expect(basicsRow(films[0]!)).toEqual([
    "tt900000000",
    "movie",
    "Ben-Hur",
    "Ben-Hur",
    0,
    1925,
    null,
    143,
    "Adventure,Drama",
  ]);
});

test("title.ratings has one decimal, as IMDb writes it", () => {
  expect(ratingsRow(films[0]!)).toEqual(["tt900000000", "8.0", 10]);
});

test("title.crew names the director, or nobody", () => {
  expect(films.map((each) => crewRow(each, ids))).toEqual([
    ["tt900000000", "nm900000001", null],
    ["tt900000001", null, null],
  ]);
});

test("title.principals has the cast in order, then the director", () => {
  expect(principalRows(films[0]!, ids)).toEqual([
    ["tt900000000", 1, "nm900000000", "actor", null, null],
    ["tt900000000", 2, "nm900000002", "actor", null, null],
    ["tt900000000", 3, "nm900000001", "director", null, null],
  ]);
});

test("name.basics has each person once, with all that they did and the best-known title first", () => {
  expect(nameRows(films, ids)).toEqual([
    ["nm900000000", "Ada", null, null, "actor", "tt900000000"],
    ["nm900000001", "Bea", null, null, "actor,director", "tt900000001,tt900000000"],
    ["nm900000002", "Cleo", null, null, "actor", "tt900000000"],
  ]);
});
