import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, test } from "vitest";
import { joinSample, sampleIds } from "./vega-films.ts";
import {
  castNames,
  directorName,
  numberNames,
  releaseDateOf,
  sampleFilm,
  tmdbBody,
  tmdbParts,
  trueYear,
} from "./vega-mapping.ts";
import type { CastRow, VegaRow } from "./vega-row.ts";

function row(changes: Partial<VegaRow> = {}): VegaRow {
  return {
    Title: "The Land Girls",
    "Worldwide Gross": 146083,
    "Production Budget": 8000000,
    "Release Date": "Jun 12 1998",
    "MPAA Rating": "R",
    "Running Time min": null,
    Distributor: "Gramercy",
    "Major Genre": "Drama",
    "Creative Type": null,
    Director: "David Leland",
    "IMDB Rating": 6.1,
    "IMDB Votes": 1071,
    ...changes,
  };
}

const castRow: CastRow = {
  title: "The Land Girls",
  releaseYear: 1998,
  cast: ["Rachel Weisz", "and", "Anna Friel", "Rachel Weisz"],
  genres: ["Romance", "Drama", "Teen"],
};

describe("a release date", () => {
  const dates = [
    { text: "Jun 12 1998", date: "1998-06-12", says: "is read as the set writes it" },
    { text: "Feb 29 2008", date: "2008-02-29", says: "may be a leap day" },
    { text: "Feb 29 2009", date: undefined, says: "must be a day that exists" },
    { text: "Dec 31 2046", date: "2046-12-31", says: "keeps a wrong century" },
    { text: "1998-06-12", date: undefined, says: "of another form is none" },
    { text: "", date: undefined, says: "that is missing is none" },
  ];
  test.each(dates)("$says: $text", ({ text, date }) => {
    expect(releaseDateOf(text)).toBe(date);
  });
});

describe("the true year", () => {
  const years = [
    { date: "2011-01-28", year: 2011, says: "the last year of the set stays" },
    { date: "2012-01-01", year: 1912, says: "one later is a hundred too high" },
    { date: "2046-12-31", year: 1946, says: "and so is 2046" },
    { date: "1928-12-31", year: 1928, says: "an early year stays" },
  ];
  test.each(years)("$says", ({ date, year }) => {
    expect(trueYear(date as CalendarDate)).toBe(year);
  });
});

describe("names", () => {
  const lists = [
    { says: "once each", names: ["Ann B", "Cy D", "Ann B"], clean: ["Ann B", "Cy D"] },
    { says: "without words of the table", names: ["and", "of", "the", ".", "Ann B"], clean: ["Ann B"] },
    { says: "without remarks", names: ["(voices)", "[a]", "(credited as Cy D)", "Ann B"], clean: ["Ann B"] },
    {
      says: "with nicknames and single names",
      names: ['"Macho Man" Randy', "RZA"],
      clean: ['"Macho Man" Randy', "RZA"],
    },
  ];
  test.each(lists)("of a cast: $says", ({ names, clean }) => {
    expect(castNames(names)).toEqual(clean);
  });

  test("of directors lose the doubled quotation marks of CSV", () => {
    expect(directorName('Jeff ""King Jeff"" Hollins')).toBe('Jeff "King Jeff" Hollins');
  });

  test("are numbered alike in whatever order they come", () => {
    const one = numberNames(["b", "É", "a", "b"], 10);
    expect([...one]).toEqual([
      ["a", 10],
      ["b", 11],
      ["É", 12],
    ]);
    expect(numberNames(["É", "a", "b"], 10)).toEqual(one);
  });
});

describe("a film of the sample", () => {
  test("has ids from its place in the file", () => {
    expect(sampleFilm(row(), 1500, undefined)).toMatchObject({ id: 900001500, imdbId: "tt900001500" });
  });

  test("has no IMDb id without a rating", () => {
    expect(sampleFilm(row({ "IMDB Rating": null, "IMDB Votes": null }), 3, undefined)?.imdbId).toBeUndefined();
  });

  test("may have a number for a title", () => {
    expect(sampleFilm(row({ Title: 300 }), 3, undefined)?.title).toBe("300");
  });

  const dropped = [
    { says: "without a title", changes: { Title: null } },
    { says: "without a date", changes: { "Release Date": "unknown" } },
  ];
  test.each(dropped)("is dropped $says", ({ changes }) => {
    expect(sampleFilm(row(changes), 3, undefined)).toBeUndefined();
  });

  const certifications = [
    { mpaa: "PG-13", certification: "PG-13" },
    { mpaa: "Not Rated", certification: "NR" },
    { mpaa: "Open", certification: "" },
    { mpaa: null, certification: "" },
  ];
  test.each(certifications)("rated $mpaa is TMDB's $certification", ({ mpaa, certification }) => {
    expect(sampleFilm(row({ "MPAA Rating": mpaa }), 3, undefined)?.certification).toBe(certification);
  });
});

describe("TMDB's side of a film of the sample", () => {
  const { films } = joinSample([row()], [castRow]);
  const ids = sampleIds(films);
  const film = films[0]!;

  test("has the set's facts and nothing where it has none", () => {
    expect(tmdbBody(film, ids)).toMatchObject({
      id: 900000000,
      imdb_id: "tt900000000",
      title: "The Land Girls",
      release_date: "1998-06-12",
      runtime: null,
      budget: 8000000,
      revenue: 146083,
      genres: [
        { id: 18, name: "Drama" },
        { id: 10749, name: "Romance" },
      ],
      production_companies: [{ id: 920000000, name: "Gramercy" }],
      original_language: "en",
      overview: "",
      vote_average: 0,
      vote_count: 0,
      popularity: 0,
      status: "Released",
    });
  });

  test("names no company where the distributor is unknown", () => {
    const unknown = joinSample([row({ Distributor: "Distributor Unknown" })], []).films[0]!;
    expect(tmdbBody(unknown, ids).production_companies).toEqual([]);
  });

  test("credits the cast in order and the director", () => {
    const { credits } = tmdbParts(film, ids) as { credits: { cast: object[]; crew: object[] } };
    expect(credits.cast).toMatchObject([
      { name: "Rachel Weisz", order: 0, id: 910000002, character: "" },
      { name: "Anna Friel", order: 1, id: 910000000 },
    ]);
    expect(credits.crew).toMatchObject([{ name: "David Leland", job: "Director", department: "Directing" }]);
  });

  test("gives each credit of a film an id of its own", () => {
    const { credits } = tmdbParts(film, ids) as { credits: { cast: unknown[]; crew: unknown[] } };
    const creditIds = [...credits.cast, ...credits.crew].map((credit) => (credit as { credit_id: string }).credit_id);
    expect(new Set(creditIds).size).toBe(3);
    for (const id of creditIds) expect(id).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe("the join of the sample", () => {
  test("is by title and year", () => {
    const { films } = joinSample([row(), row({ "Release Date": "Jun 12 1999" })], [castRow]);
    expect(films.map(({ cast }) => cast.length)).toEqual([2, 0]);
  });

  test("does not give a film with a wrong century the cast of a later one of that name", () => {
    const { films } = joinSample([row({ "Release Date": "Feb 08 2015" })], [{ ...castRow, releaseYear: 2015 }]);
    expect(films[0]).toMatchObject({ releaseDate: "2015-02-08", year: 1915, cast: [] });
  });

  test("counts what it leaves out, and the others keep their ids", () => {
    const { films, dropped } = joinSample([row({ Title: null }), row()], []);
    expect(dropped).toBe(1);
    expect(films.map(({ id }) => id)).toEqual([900000001]);
  });
});
