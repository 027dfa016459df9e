import { describe, expect, test } from "vitest";
import { discoverFilms, type Query } from "./discover-films.ts";
import { filmOrder } from "./film-order.ts";
import { pageNumber, pageOf } from "./pages.ts";
import { film, filmSetOf } from "./testing/few-films.ts";

const action = { id: 28, name: "Action" };
const drama = { id: 18, name: "Drama" };
const set = filmSetOf([
  film({ id: 4, release_date: "2001-05-01", popularity: 2, vote_count: 10, genres: [action, drama] }),
  film({ id: 2, release_date: "2001-05-01", popularity: 9, vote_count: 500, genres: [drama] }),
  film({ id: 3, release_date: "", popularity: 5 }),
  film({ id: 1, release_date: "1999-12-31", popularity: 5, original_language: "fr", genres: [action] }),
  film({ id: 5, release_date: "2020-01-01", popularity: 50, adult: true }),
]);

describe("discover", () => {
  const rows: { says: string; query: Query; ids: number[] }[] = [
    { says: "goes by popularity, most first, equals by id", query: {}, ids: [2, 1, 3, 4] },
    {
      says: "by date, earliest first, the undated last",
      query: { sort_by: "primary_release_date.asc" },
      ids: [1, 2, 4, 3],
    },
    { says: "by date, latest first, equals by id still", query: { sort_by: "release_date.desc" }, ids: [2, 4, 1, 3] },
    { says: "passes over an order that it does not know", query: { sort_by: "toString.asc" }, ids: [2, 1, 3, 4] },
    { says: "from a day on, that day included", query: { "primary_release_date.gte": "2001-05-01" }, ids: [2, 4] },
    { says: "until a day, that day included", query: { "primary_release_date.lte": "1999-12-31" }, ids: [1] },
    { says: "passes over a date that is none", query: { "release_date.gte": "soon" }, ids: [2, 1, 3, 4] },
    { says: "of a year", query: { primary_release_year: "2001" }, ids: [2, 4] },
    { says: "with enough votes", query: { "vote_count.gte": "11" }, ids: [2] },
    { says: "in a language", query: { with_original_language: "fr" }, ids: [1] },
    { says: "with all of some genres", query: { with_genres: "28,18" }, ids: [4] },
    { says: "with one of some genres", query: { with_genres: "28|18" }, ids: [2, 1, 4] },
    { says: "with adult films only when asked", query: { include_adult: "true" }, ids: [5, 2, 1, 3, 4] },
    {
      says: "passes over what it does not know",
      query: { with_watch_providers: "8", constructor: "x" },
      ids: [2, 1, 3, 4],
    },
  ];
  test.each(rows)("$says", ({ query, ids }) => {
    expect(discoverFilms(set, query).map(({ id }) => id)).toEqual(ids);
  });

  test("neither loses nor repeats a film over its pages, though all came out on one day", () => {
    const sameDay = filmSetOf(Array.from({ length: 101 }, (_, i) => film({ id: ((i * 37) % 101) + 1 })));
    const query = { sort_by: "primary_release_date.asc" };
    const pages = [1, 2, 3, 4, 5, 6].map((page) => pageOf(discoverFilms(sameDay, query), page, 20, ({ id }) => id));
    expect(pages.flatMap(({ results }) => results)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
    expect(pages.map(({ total_pages }) => total_pages)).toEqual([6, 6, 6, 6, 6, 6]);
  });
});

describe("a page", () => {
  const numbers = [
    { text: undefined, page: 1 },
    { text: "", page: 1 },
    { text: "1", page: 1 },
    { text: "500", page: 500 },
    { text: "501", page: undefined },
    { text: "0", page: undefined },
    { text: "-1", page: undefined },
    { text: "1.5", page: undefined },
    { text: "two", page: undefined },
  ];
  test.each(numbers)("asked for as $text is $page", ({ text, page }) => {
    expect(pageNumber(text)).toBe(page);
  });

  const many = Array.from({ length: 10_001 }, (_, i) => i);
  const pages = [
    { says: "past the end is empty", items: [1, 2, 3], page: 2, expected: { results: [], total_pages: 1 } },
    {
      says: "of nothing is one empty page",
      items: [],
      page: 1,
      expected: { results: [], total_pages: 1, total_results: 0 },
    },
    {
      says: "count stops at 500, the results' does not",
      items: many,
      page: 500,
      expected: { total_pages: 500, total_results: 10_001 },
    },
  ];
  test.each(pages)("$says", ({ items, page, expected }) => {
    expect(pageOf(items, page, 20, (item) => item)).toMatchObject({ page, ...expected });
  });
});

test("an order is TMDB's word for it", () => {
  expect(filmOrder("vote_count.desc")).toEqual({ field: "vote_count", direction: "desc" });
  expect(filmOrder("vote_count.up")).toEqual({ field: "popularity", direction: "desc" });
});
