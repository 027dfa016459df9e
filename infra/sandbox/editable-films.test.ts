import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { fixedClock } from "@marquee/shared/service/clock";
import { beforeEach, describe, expect, test } from "vitest";
import { changedFilms } from "./changed-films.ts";
import { createDatedFilms } from "./dated-films.ts";
import { discoverFilms } from "./discover-films.ts";
import { createEditableFilms, type EditableFilms } from "./editable-films.ts";
import type { FilmSet } from "./film-set.ts";
import { film, filmSetOf } from "./testing/few-films.ts";

const id = (number: number) => number as TmdbId;
const day = (text: string) => text as CalendarDate;
const clock = fixedClock("2026-07-15T12:00:00Z");
const set = filmSetOf([
  film({ id: 1, imdb_id: "tt0000001", runtime: 90, budget: 5 }),
  film({ id: 2, imdb_id: "tt0000002", release_date: "2001-01-01" }),
]);

const today = { from: day("2026-07-15"), to: day("2026-07-15") };
const listed = (films: FilmSet) => discoverFilms(films, { sort_by: "title.asc" }).map((each) => each.id);
const details = (films: FilmSet, of: number) => JSON.parse(String(films.film(of)?.details)) as object;
const textOf = async (films: FilmSet, file: "movie_ids") => {
  const { open } = await films.idExport(file).state();
  return String(gunzipSync(await buffer(open())));
};

const ways: { says: string; open: () => Promise<EditableFilms> }[] = [
  { says: "a whole set", open: () => createEditableFilms({ films: set, clock }) },
  {
    says: "a set at a date",
    open: () =>
      createDatedFilms({
        films: set,
        start: { asOf: day("2005-01-01"), announcedDays: 0, ratedAfterDays: 0, shift: undefined },
        clock,
      }),
  },
];

describe.each(ways)("in $says", ({ open }) => {
  let editable: EditableFilms;
  beforeEach(async () => {
    editable = await open();
  });

  test("a deleted film is gone everywhere, and has changed today", async () => {
    expect(editable.remove(id(1))).toEqual({ tmdbId: 1, changedOn: "2026-07-15", films: 1 });
    const { films } = editable;
    expect(films.film(1)).toBeUndefined();
    expect(films.filmsOfImdb("tt0000001")).toEqual([]);
    expect(listed(films)).toEqual([2]);
    expect(await textOf(films, "movie_ids")).toMatch(/^\{[^\n]*"id":2,[^\n]*\}\n$/);
    expect(changedFilms(films, today)).toEqual([{ id: 1, adult: null }]);
    expect(films.rated).toBe(0);
  });

  test("IMDb keeps its rating", async () => {
    editable.remove(id(1));
    const { open: bytes } = await editable.films.imdbFile("title.ratings").state();
    expect(String(gunzipSync(await buffer(bytes())))).toContain("tt0000001\t7.1\t120");
  });

  test("an edited film has other details, the rest as before, and has changed today", () => {
    editable.edit(id(1), { title: "Zoe", runtime: 137 });
    editable.edit(id(1), { budget: 9, release_date: "1999-02-03" });
    const { films } = editable;
    expect(details(films, 1)).toMatchObject({ title: "Zoe", runtime: 137, budget: 9, imdb_id: "tt0000001" });
    expect(films.film(1)).toMatchObject({ title: "Zoe", releaseDate: "1999-02-03", imdbId: "tt0000001" });
    expect(listed(films)).toEqual([2, 1]);
    expect(changedFilms(films, today)).toEqual([{ id: 1, adult: false }]);
  });

  test("an edit that changes nothing is no change", () => {
    editable.edit(id(1), { runtime: 90 });
    expect(changedFilms(editable.films, today)).toEqual([]);
  });

  test("another IMDb id stands in the details, among the external ids and in finds", () => {
    editable.edit(id(2), { imdb_id: "tt0000009" });
    const { films } = editable;
    expect(films.filmsOfImdb("tt0000009")).toMatchObject([{ id: 2 }]);
    expect(JSON.parse(String(films.film(2)?.parts.external_ids))).toMatchObject({ imdb_id: "tt0000009" });
    editable.edit(id(2), { imdb_id: null });
    expect(films.film(2)?.imdbId).toBeUndefined();
  });

  test("what is not there, or no more, is refused by its id", () => {
    editable.remove(id(1));
    for (const gone of [1, 7]) {
      expect(() => editable.remove(id(gone))).toThrow(`The sandbox lists no film ${gone} now.`);
      expect(() => editable.edit(id(gone), { title: "x" })).toThrow(`The sandbox lists no film ${gone} now.`);
    }
  });
});

test("an edit and a deletion last when the clock moves on, each on its own day", async () => {
  let now = "2026-07-15T12:00:00Z";
  const dated = await createDatedFilms({
    films: filmSetOf([film({ id: 1 }), film({ id: 2 }), film({ id: 3, release_date: "2010-01-01" })]),
    start: { asOf: day("2005-01-01"), announcedDays: 0, ratedAfterDays: 0, shift: undefined },
    clock: { now: () => new Date(now) },
  });
  dated.edit(id(1), { runtime: 137 });
  dated.remove(id(2));
  now = "2026-07-20T12:00:00Z";
  expect(dated.moveTo(day("2010-01-01"))).toMatchObject({ films: 2 });
  expect(details(dated.films, 1)).toMatchObject({ runtime: 137 });
  expect(changedFilms(dated.films, today).map((entry) => entry.id)).toEqual([1, 2]);
  expect(
    changedFilms(dated.films, { from: day("2026-07-20"), to: day("2026-07-20") }).map((entry) => entry.id),
  ).toEqual([3]);
});
