import { describe, expect, test } from "vitest";
import { basicsFields, crewFields } from "./recorded-csv.ts";
import { chosenIds, imdbIdOfDigits, linkedIds, recordedCredits, recordedMovie } from "./recorded-mapping.ts";

const movieRow = {
  budget: "237000000",
  genres: '[{"id": 28, "name": "Action"}]',
  homepage: "",
  id: "19995",
  keywords: '[{"id": 1463, "name": "culture clash"}]',
  original_language: "en",
  original_title: "Avatar",
  overview: "In the 22nd century …",
  popularity: "150.437577",
  production_companies: '[{"name": "Ingenious Film Partners", "id": 289}]',
  production_countries: "[]",
  release_date: "2009-12-10",
  revenue: "2787965087",
  runtime: "162.0",
  spoken_languages: "[]",
  status: "Released",
  tagline: "",
  title: "Avatar",
  vote_average: "7.2",
  vote_count: "11800",
};

describe("an IMDb id of links.csv", () => {
  const rows = [
    { digits: "0114709", id: "tt0114709", says: "gets its letters" },
    { digits: "114709", id: "tt0114709", says: "gets its zeros back where a program has taken them for a number" },
    { digits: "10356526", id: "tt10356526", says: "may be longer than seven digits" },
    { digits: "", id: undefined, says: "may be missing" },
    { digits: "tt1", id: undefined, says: "is digits alone" },
  ];
  test.each(rows)("$says", ({ digits, id }) => {
    expect(imdbIdOfDigits(digits)).toBe(id);
  });
});

describe("the IMDb id of a film", () => {
  const linked = linkedIds([
    { tmdbId: "22649", imdbId: "0022879" },
    { tmdbId: "22649", imdbId: "0050379" },
    { tmdbId: "10991", imdbId: "0266860" },
    { tmdbId: "10991", imdbId: "0235679" },
    { tmdbId: "", imdbId: "0000001" },
    { tmdbId: "5", imdbId: "0022879" },
    { tmdbId: "6", imdbId: "0000002" },
  ]);
  const chosen = chosenIds(linked, new Set(["tt0022879", "tt0050379", "tt0235679"]));
  const rows = [
    { says: "is the first of two", tmdbId: 22649, id: "tt0022879" },
    { says: "is the other where IMDb rates that one alone", tmdbId: 10991, id: "tt0235679" },
    { says: "may be another film's too", tmdbId: 5, id: "tt0022879" },
    { says: "need not be rated", tmdbId: 6, id: "tt0000002" },
    { says: "may be missing", tmdbId: 7, id: undefined },
  ];
  test.each(rows)("$says", ({ tmdbId, id }) => {
    expect(chosen.get(tmdbId)).toBe(id);
  });
});

describe("a row of tmdb_5000_movies.csv", () => {
  test("becomes the details that TMDB answered", () => {
    const mapped = recordedMovie(movieRow, new Map([[19995, "tt0499549"]]));
    expect(mapped).toMatchObject({
      ok: true,
      value: {
        details: { id: 19995, imdb_id: "tt0499549", runtime: 162, budget: 237000000, homepage: "", vote_count: 11800 },
        keywords: { keywords: [{ id: 1463, name: "culture clash" }] },
      },
    });
  });

  const kept = [
    { says: "an unknown runtime is null", change: { runtime: "" }, details: { runtime: null } },
    { says: "an unknown date is empty", change: { release_date: "" }, details: { release_date: "" } },
    { says: "an unknown IMDb id is null", change: {}, details: { imdb_id: null } },
  ];
  test.each(kept)("$says", ({ change, details }) => {
    expect(recordedMovie({ ...movieRow, ...change }, new Map())).toMatchObject({ ok: true, value: { details } });
  });

  const refused = [
    { says: "damaged JSON", change: { genres: "[{" }, reason: /^genres: / },
    { says: "JSON that is no list", change: { keywords: "{}" }, reason: /^keywords: is not a JSON list$/ },
    { says: "no number", change: { budget: "a lot" }, reason: /^budget: / },
    { says: "no id", change: { id: "" }, reason: /^id: / },
    { says: "no title", change: { title: "" }, reason: /^title must not be empty$/ },
    { says: "a day that does not exist", change: { release_date: "2009-02-30" }, reason: /^release_date / },
  ];
  test.each(refused)("is refused for $says, naming the column", ({ change, reason }) => {
    const mapped = recordedMovie({ ...movieRow, ...change }, new Map());
    expect(mapped).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});

test("a row of credits becomes TMDB's cast and crew, without portraits", () => {
  const mapped = recordedCredits({ movie_id: "5", cast: '[{"id": 1, "name": "Ann", "order": 0}]', crew: "[]" });
  expect(mapped).toEqual({
    ok: true,
    value: { id: 5, credits: { cast: [{ id: 1, name: "Ann", order: 0, profile_path: null }], crew: [] } },
  });
});

test("the CSVs of 2010-2019 become IMDb's rows, with null for what is missing", () => {
  const row = {
    tconst: "tt0063540",
    primary_title: "Sunghursh",
    original_title: "",
    start_year: "2013",
    runtime_minutes: "",
    genres: "",
  };
  expect(basicsFields(row)).toEqual(["tt0063540", "movie", "Sunghursh", "Sunghursh", 0, "2013", null, null, null]);
  expect(crewFields({ tconst: "tt1", directors: "", writers: "nm1,nm2" })).toEqual(["tt1", null, "nm1,nm2"]);
});
