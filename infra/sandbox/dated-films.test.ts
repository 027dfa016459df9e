import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { fixedClock } from "@marquee/shared/service/clock";
import { beforeEach, describe, expect, test } from "vitest";
import { changedFilms } from "./changed-films.ts";
import { createDatedFilms, type DatedFilms } from "./dated-films.ts";
import { discoverFilms } from "./discover-films.ts";
import { createFilmSet } from "./film-set.ts";
import { type ImdbFileName, tableFile } from "./imdb-file.ts";
import { film, OBSERVED_AT } from "./testing/few-films.ts";

const day = (text: string) => text as CalendarDate;
const votes = { vote_average: 7, vote_count: 100, status: "Released" };
const whole = createFilmSet({
  name: "few films",
  description: "Made up for tests.",
  films: [
    film({ id: 1, release_date: "2010-05-01", imdb_id: "tt0000001", ...votes }),
    film({ id: 2, release_date: "2012-03-01", imdb_id: "tt0000002", ...votes }),
    film({ id: 3, release_date: "2014-07-01", imdb_id: "tt0000003", ...votes }),
    film({ id: 4, release_date: "", imdb_id: "tt0000004", ...votes }),
  ],
  rated: 4,
  imdbFiles: {
    "title.ratings": tableFile(
      "title.ratings",
      () => ["tt0000003", "tt0000001", "tt0000009", "tt0000002", "tt0000004"].map((id) => [id, 7.5, 900]),
      OBSERVED_AT,
    ),
    "title.crew": tableFile("title.crew", () => [1, 2, 3, 9].map((id) => [`tt000000${id}`, "nm1", null]), OBSERVED_AT),
    "name.basics": tableFile("name.basics", () => [["nm1", "Ann", null, null, null, "tt0000003"]], OBSERVED_AT),
  },
  observedAt: OBSERVED_AT,
});

let dated: DatedFilms;
beforeEach(async () => {
  dated = await createDatedFilms({
    films: whole,
    start: { asOf: day("2012-01-01"), announcedDays: 90, ratedAfterDays: 0, shift: undefined },
    clock: fixedClock("2026-07-15T12:00:00Z"),
  });
});

const ids = () => discoverFilms(dated.films, { sort_by: "primary_release_date.asc" }).map(({ id }) => id);

async function rowsOf(name: ImdbFileName): Promise<string[]> {
  const { open } = await dated.films.imdbFile(name).state();
  return String(gunzipSync(await buffer(open())))
    .trimEnd()
    .split("\n")
    .slice(1);
}

describe("at a date", () => {
  test("films are listed, found and answered that are out or announced, and no other", () => {
    expect(ids()).toEqual([1, 2]);
    expect(dated.films.film(3)).toBeUndefined();
    expect(dated.films.filmsOfImdb("tt0000003")).toEqual([]);
    expect(dated.films.filmsOfImdb("tt0000002")).toMatchObject([{ id: 2, voteCount: 0 }]);
    expect(dated.state()).toEqual({ asOf: "2012-01-01", films: 2, rated: 1, shift: null });
  });

  test("IMDb has ratings of what is out, other rows of what is listed, and people as they are", async () => {
    expect(await rowsOf("title.ratings")).toEqual(["tt0000001\t7.5\t900"]);
    expect(await rowsOf("title.crew")).toEqual(["tt0000001\tnm1\t\\N", "tt0000002\tnm1\t\\N"]);
    expect(await rowsOf("name.basics")).toHaveLength(1);
  });

  test("nothing has changed yet", () => {
    expect(changedFilms(dated.films, { from: day("1900-01-01"), to: day("2100-01-01") })).toEqual([]);
  });
});

describe("when the clock moves on", () => {
  test("what came out is there, with votes and rating", async () => {
    expect(dated.moveTo(day("2014-07-01"))).toEqual({ asOf: "2014-07-01", films: 3, rated: 3, shift: null });
    expect(ids()).toEqual([1, 2, 3]);
    expect(dated.films.film(2)).toMatchObject({ voteCount: 100 });
    expect(await rowsOf("title.ratings")).toEqual(
      ["tt0000003", "tt0000001", "tt0000002"].map((id) => `${id}\t7.5\t900`),
    );
  });

  test("films that are new or look otherwise have changed on the day of the move", () => {
    dated.moveTo(day("2012-01-02"));
    const today = { from: day("2026-07-15"), to: day("2026-07-15") };
    expect(changedFilms(dated.films, today)).toEqual([]);
    dated.moveTo(day("2012-03-01"));
    expect(changedFilms(dated.films, today).map(({ id }) => id)).toEqual([2]);
    dated.moveTo(day("2014-07-01"));
    expect(changedFilms(dated.films, today).map(({ id }) => id)).toEqual([2, 3]);
  });

  test("the ratings file has another tag and date", async () => {
    const before = await dated.films.imdbFile("title.ratings").state();
    dated.moveTo(day("2012-03-01"));
    const after = await dated.films.imdbFile("title.ratings").state();
    expect(after.etag).not.toBe(before.etag);
    expect([before, after].map(({ lastModified }) => lastModified.toISOString().slice(0, 10))).toEqual([
      "2012-01-01",
      "2012-03-01",
    ]);
  });

  test("it does not go back", () => {
    expect(() => dated.moveTo(day("2011-12-31"))).toThrow(
      "The clock stands at 2012-01-01 and moves on only; 2011-12-31 is before that.",
    );
    expect(dated.state().asOf).toBe("2012-01-01");
  });
});

describe("a shift", () => {
  const shift = { from: day("2012-01-01"), by: -1 };

  test("moves IMDb's ratings and TMDB's averages of films from its day on", async () => {
    dated.moveTo(day("2012-06-01"));
    expect(dated.setShift(shift)).toEqual({ asOf: "2012-06-01", films: 2, rated: 2, shift });
    expect(await rowsOf("title.ratings")).toEqual(["tt0000001\t7.5\t900", "tt0000002\t6.5\t900"]);
    expect(dated.films.film(1)?.voteAverage).toBe(7);
    expect(dated.films.film(2)?.voteAverage).toBe(6);
  });

  test("holds for what comes out later, until it is taken back", async () => {
    dated.setShift(shift);
    dated.moveTo(day("2014-07-01"));
    expect(await rowsOf("title.ratings")).toContain("tt0000003\t6.5\t900");
    expect(dated.setShift({ ...shift, by: 0 }).shift).toBeNull();
    expect(await rowsOf("title.ratings")).toContain("tt0000003\t7.5\t900");
  });

  test("is told apart by tag and by date, though the day is the same", async () => {
    dated.moveTo(day("2012-06-01"));
    const before = await dated.films.imdbFile("title.ratings").state();
    dated.setShift(shift);
    const after = await dated.films.imdbFile("title.ratings").state();
    expect(after.etag).not.toBe(before.etag);
    expect(after.lastModified.getTime() - before.lastModified.getTime()).toBe(1000);
  });
});
