import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, test } from "vitest";
import { filmAt, isRatedAt, type Position, shiftedRating } from "./film-at.ts";
import { film } from "./testing/few-films.ts";

const day = (text: string) => text as CalendarDate;

function at(fields: Partial<Position> = {}): Position {
  return { asOf: day("2012-01-01"), announcedDays: 0, ratedAfterDays: 0, shift: undefined, ...fields };
}

const body = (release_date: string) => ({
  id: 1,
  release_date,
  runtime: 118,
  popularity: 40.5,
  vote_average: 7.25,
  vote_count: 900,
  revenue: 1_000_000,
  status: "Released",
});

describe("which films TMDB lists at a date", () => {
  const rows = [
    { says: "one that is out", release: "2011-12-31", days: 0, listed: true },
    { says: "one that comes out on the day", release: "2012-01-01", days: 0, listed: true },
    { says: "not one of the next day", release: "2012-01-02", days: 0, listed: false },
    { says: "one of the next day, where it is announced", release: "2012-01-02", days: 1, listed: true },
    { says: "the last that is announced", release: "2012-01-31", days: 30, listed: true },
    { says: "not the first that is not announced yet", release: "2012-02-01", days: 30, listed: false },
    { says: "not one without a date", release: "", days: 10_000, listed: false },
  ];
  test.each(rows)("$says", ({ release, days, listed }) => {
    expect(filmAt(film(body(release)), at({ announcedDays: days })) !== undefined).toBe(listed);
  });
});

describe("a film at a date", () => {
  test("is as it was recorded once it is out", () => {
    const recorded = film(body("2012-01-01"));
    expect(filmAt(recorded, at())).toBe(recorded);
  });

  test("has no votes, popularity and revenue before, in its fields as in its body, and the rest as it is", () => {
    const coming = filmAt(film(body("2012-02-01")), at({ announcedDays: 60 }));
    expect(coming).toMatchObject({ popularity: 0, voteAverage: 0, voteCount: 0, revenue: 0 });
    expect(JSON.parse(String(coming?.details))).toMatchObject({
      runtime: 118,
      release_date: "2012-02-01",
      popularity: 0,
      vote_average: 0,
      vote_count: 0,
      revenue: 0,
      status: "Post Production",
    });
  });

  test("has a shifted average of votes, in its body too", () => {
    const shifted = filmAt(film(body("2012-01-01")), at({ shift: { from: day("2012-01-01"), by: -1 } }));
    expect(shifted).toMatchObject({ voteAverage: 6.3, voteCount: 900 });
    expect(JSON.parse(String(shifted?.details))).toMatchObject({ vote_average: 6.3, vote_count: 900 });
  });

  test("without votes is not shifted", () => {
    const unrated = film({ ...body("2012-01-01"), vote_average: 0, vote_count: 0 });
    expect(filmAt(unrated, at({ shift: { from: day("2012-01-01"), by: 2 } }))).toBe(unrated);
  });
});

describe("IMDb rates a film", () => {
  const rows = [
    { says: "on the day of its release", release: "2012-01-01", after: 0, rated: true },
    { says: "not before", release: "2012-01-02", after: 0, rated: false },
    { says: "so many days after, where that is asked for", release: "2011-12-02", after: 30, rated: true },
    { says: "and not a day earlier", release: "2011-12-03", after: 30, rated: false },
  ];
  test.each(rows)("$says", ({ release, after, rated }) => {
    expect(isRatedAt({ releaseDate: day(release) }, at({ ratedAfterDays: after }))).toBe(rated);
  });

  test("never without a date of release", () => {
    expect(isRatedAt({ releaseDate: undefined }, at())).toBe(false);
  });
});

describe("a shift", () => {
  const rows = [
    { says: "moves a film of its first day", rating: 7.1, release: "2012-01-01", by: -1, becomes: 6.1 },
    { says: "leaves the film of the day before", rating: 7.1, release: "2011-12-31", by: -1, becomes: 7.1 },
    { says: "goes up too", rating: 7.1, release: "2013-01-01", by: 0.5, becomes: 7.6 },
    { says: "stops at the scale's lower end", rating: 1.4, release: "2013-01-01", by: -1, becomes: 1 },
    { says: "stops at its upper end", rating: 9.5, release: "2013-01-01", by: 1, becomes: 10 },
    { says: "of nothing changes nothing", rating: 7.25, release: "2013-01-01", by: 0, becomes: 7.25 },
  ];
  test.each(rows)("$says", ({ rating, release, by, becomes }) => {
    expect(shiftedRating(rating, { releaseDate: day(release) }, { from: day("2012-01-01"), by })).toBe(becomes);
  });
});
