import { MarqueeError } from "@marquee/shared/service/errors";
import { describe, expect, test } from "vitest";
import { parseBatchRequest, parsePredictRequest } from "./parse-request.ts";

const DESCRIPTION_KEYS =
  "title, releaseDate, runtime, genres, directors, writers, composers, cast, companies, budget, language, countries, overview, tagline";
const MOVIE_FORMS = `{ tmdbId }, { imdbId }, or a description with any of ${DESCRIPTION_KEYS}`;
const GENRE_NAMES =
  "Action, Adventure, Animation, Comedy, Crime, Documentary, Drama, Family, Fantasy, History, Horror, Music, Mystery, Romance, Science Fiction, TV Movie, Thriller, War, Western";
const DAY = "must be a day that exists, as YYYY-MM-DD";

type Row = [sentence: string, body: unknown, path: string, message: string];

function errorsOf(result: unknown): unknown {
  if (!(result instanceof MarqueeError)) return undefined;
  expect(result.code).toBe("REQUEST_INVALID");
  return result.details.errors;
}

const refused: Row[] = [
  ["no body", undefined, "body", "is missing: it must be an object"],
  ["null", null, "body", "must be an object; given: null"],
  ["a list", [], "body", "must be an object; given: a list of 0"],
  ["a text", "603", "body", 'must be an object; given: "603"'],
  ["no movie", {}, "movie", `is missing: it must be an object: ${MOVIE_FORMS}`],
  ["a movie that is null", { movie: null }, "movie", `must be an object: ${MOVIE_FORMS}; given: null`],
  ["a movie that is a number", { movie: 603 }, "movie", `must be an object: ${MOVIE_FORMS}; given: 603`],
  ["a movie that is a list", { movie: [1, 2] }, "movie", `must be an object: ${MOVIE_FORMS}; given: a list of 2`],
  ["a tmdbId as text", { movie: { tmdbId: "603" } }, "movie.tmdbId", 'must be a whole number; given: "603"'],
  ["a tmdbId with a fraction", { movie: { tmdbId: 1.5 } }, "movie.tmdbId", "must be a whole number; given: 1.5"],
  ["a tmdbId of zero", { movie: { tmdbId: 0 } }, "movie.tmdbId", "must be at least 1; given: 0"],
  [
    "a tmdbId beyond the range",
    { movie: { tmdbId: 2 ** 31 } },
    "movie.tmdbId",
    "must be at most 2147483647; given: 2147483648",
  ],
  [
    "a tmdbId beyond all numbers",
    { movie: { tmdbId: 1e300 } },
    "movie.tmdbId",
    "must be a whole number; given: 1e+300",
  ],
  ["a tmdbId that is null", { movie: { tmdbId: null } }, "movie.tmdbId", "must be a whole number; given: null"],
  [
    "an imdbId without tt",
    { movie: { imdbId: "0133093" } },
    "movie.imdbId",
    'must be tt followed by 7 to 10 digits, such as tt0133093; given: "0133093"',
  ],
  [
    "an imdbId as number",
    { movie: { imdbId: 133093 } },
    "movie.imdbId",
    "must be tt followed by 7 to 10 digits, such as tt0133093; given: 133093",
  ],
  [
    "an id beside a description",
    { movie: { tmdbId: 603, title: "x" } },
    "movie.title",
    "is not known here; accepted: tmdbId alone, or a description without tmdbId",
  ],
  [
    "two ids",
    { movie: { tmdbId: 603, imdbId: "tt0133093" } },
    "movie.imdbId",
    "is not known here; accepted: tmdbId alone, or a description without tmdbId",
  ],
  [
    "an unknown key of a movie",
    { movie: { tmdb_id: 603 } },
    "movie.tmdb_id",
    `is not known here; accepted: ${MOVIE_FORMS}`,
  ],
  [
    "an unknown key of a request",
    { movie: {}, as_of: "2020-01-01" },
    "as_of",
    "is not known here; accepted: movie, explain, asOf",
  ],
  [
    "a date of the year 0, which no database knows",
    { movie: { releaseDate: "0000-01-01" } },
    "movie.releaseDate",
    `${DAY}; given: "0000-01-01"`,
  ],
  ["a date that is none", { movie: { releaseDate: "2027-02-30" } }, "movie.releaseDate", `${DAY}; given: "2027-02-30"`],
  [
    "a date in another form",
    { movie: { releaseDate: "01.05.2027" } },
    "movie.releaseDate",
    `${DAY}; given: "01.05.2027"`,
  ],
  ["a date as number", { movie: { releaseDate: 20270501 } }, "movie.releaseDate", `${DAY}; given: 20270501`],
  ["an asOf with a time", { movie: {}, asOf: "2020-01-01T00:00:00Z" }, "asOf", `${DAY}; given: "2020-01-01T00:00:00Z"`],
  ["a budget below zero", { movie: { budget: -1 } }, "movie.budget", "must be at least 0; given: -1"],
  [
    "a budget beyond belief",
    { movie: { budget: 1e11 } },
    "movie.budget",
    "must be at most 10000000000; given: 100000000000",
  ],
  ["a budget as text", { movie: { budget: "40M" } }, "movie.budget", 'must be a number; given: "40M"'],
  ["no running time", { movie: { runtime: 0 } }, "movie.runtime", "must be at least 1 minute; given: 0"],
  ["half a minute", { movie: { runtime: 90.5 } }, "movie.runtime", "must be a whole number of minutes; given: 90.5"],
  [
    "a genre of its own",
    { movie: { genres: ["Drama", "Sad"] } },
    "movie.genres[1]",
    `must be one of ${GENRE_NAMES}; given: "Sad"`,
  ],
  ["one genre without a list", { movie: { genres: "Drama" } }, "movie.genres", 'must be a list; given: "Drama"'],
  ["a name that is empty", { movie: { cast: ["  "] } }, "movie.cast[0]", 'must not be empty; given: ""'],
  [
    "a name that is an object",
    { movie: { cast: [{ name: "x" }] } },
    "movie.cast[0]",
    "must be a string; given: an object",
  ],
  [
    "too many names",
    { movie: { writers: Array(501).fill("x") } },
    "movie.writers",
    "must have at most 500 members; given: a list of 501",
  ],
  ["a title that is null", { movie: { title: null } }, "movie.title", "must be a string; given: null"],
  [
    "a long text is cut in the answer",
    { movie: { title: "x".repeat(301) } },
    "movie.title",
    `must have at most 300 characters; given: "${"x".repeat(60)}…"`,
  ],
  [
    "a long key is cut in the answer",
    { movie: {}, ["k".repeat(99)]: 1 },
    `${"k".repeat(60)}…`,
    "is not known here; accepted: movie, explain, asOf",
  ],
  [
    "a language by its name",
    { movie: { language: "English" } },
    "movie.language",
    'must be an ISO 639-1 code of two small letters, such as en; given: "English"',
  ],
  [
    "a country by its name",
    { movie: { countries: ["US", "Japan"] } },
    "movie.countries[1]",
    'must be an ISO 3166-1 code of two capital letters, such as US; given: "Japan"',
  ],
  ["an explain as text", { movie: {}, explain: "yes" }, "explain", 'must be true or false; given: "yes"'],
];

describe("a request", () => {
  test.each(refused)("with %s is refused with the field and what is accepted", (_sentence, body, path, message) => {
    expect(errorsOf(parsePredictRequest(body))).toEqual([{ path, message }]);
  });

  test.each(refused)("of a batch with %s says which item it is", (_sentence, body, path, message) => {
    const at = path === "body" ? "items[3]" : `items[3].${path}`;
    expect(errorsOf(parsePredictRequest(body, "items[3]"))).toEqual([{ path: at, message }]);
  });

  test("with several wrong fields is told all of them, and the first in its detail", () => {
    const result = parsePredictRequest({ movie: { budget: -1, runtime: "long", colour: true }, explain: 1 });
    expect(errorsOf(result)).toEqual([
      { path: "movie.runtime", message: 'must be a whole number of minutes; given: "long"' },
      { path: "movie.budget", message: "must be at least 0; given: -1" },
      { path: "movie.colour", message: `is not known here; accepted: ${MOVIE_FORMS}` },
      { path: "explain", message: "must be true or false; given: 1" },
    ]);
    expect(result).toMatchObject({
      message:
        '4 fields are not as expected, the first: movie.runtime must be a whole number of minutes; given: "long"',
    });
  });

  test("with a hundred wrong fields is told the first twenty", () => {
    const result = parsePredictRequest({ movie: { cast: Array(100).fill(1) } });
    expect(errorsOf(result)).toHaveLength(20);
    expect(result).toMatchObject({
      message: "100 fields are not as expected, the first: movie.cast[0] must be a string; given: 1",
    });
  });

  test.each([
    ["by TMDB id", { movie: { tmdbId: 603 } }, "tmdbId"],
    ["by IMDb id", { movie: { imdbId: "tt0133093" } }, "imdbId"],
    ["by description", { movie: { title: " Heat ", genres: ["drama"], budget: 0 } }, "description"],
    ["of which nothing is known", { movie: {} }, "description"],
  ])("for a film %s is taken", (_sentence, body, form) => {
    expect(parsePredictRequest(body)).toMatchObject({ form, at: "", request: { explain: false } });
  });
});

describe("a batch", () => {
  test.each<Row>([
    ["no items", {}, "items", "is missing: it must be a list"],
    ["items that are no list", { items: { movie: {} } }, "items", "must be a list; given: an object"],
    ["an empty list", { items: [] }, "items", "must have at least 1 item; given: a list of 0"],
    ["1,001 items", { items: Array(1001).fill({}) }, "items", "must have at most 1000 items; given: a list of 1001"],
    ["an unknown key", { items: [1], explain: true }, "explain", "is not known here; accepted: items"],
    ["a list for a body", [{ movie: {} }], "body", "must be an object; given: a list of 1"],
  ])("with %s is refused as a whole", (_sentence, body, path, message) => {
    expect(errorsOf(parseBatchRequest(body))).toEqual([{ path, message }]);
  });

  test("of 1,000 items is taken, whatever they are", () => {
    expect(parseBatchRequest({ items: Array(1000).fill(7) })).toHaveLength(1000);
  });
});
