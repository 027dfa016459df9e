import type { Instant } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import { type LoadedMovie, movieRows, tmdbRatingRows } from "./movie-rows.ts";
import { parseTmdbMovie } from "./tmdb-movie.ts";

const matrix = {
  id: 603,
  imdb_id: "tt0133093",
  title: "The Matrix",
  original_title: "The Matrix",
  original_language: "en",
  release_date: "1999-03-30",
  status: "Released",
  runtime: 136,
  budget: 63_000_000,
  revenue: 463_517_383,
  overview: "A hacker learns the truth.",
  tagline: "",
  vote_average: 8.2,
  vote_count: 25_000,
  belongs_to_collection: { id: 2344, name: "The Matrix Collection", poster_path: null },
  genres: [
    { id: 28, name: "Action" },
    { id: 878, name: "Science Fiction" },
  ],
  production_companies: [{ id: 79, name: "Village Roadshow Pictures", logo_path: null, origin_country: "US" }],
  credits: {
    cast: [{ id: 6384, name: "Keanu Reeves", credit_id: "c1", order: 0, character: "Neo" }],
    crew: [
      { id: 9339, name: "Lilly Wachowski", credit_id: "c2", department: "Directing", job: "Director" },
      { id: 9339, name: "Lilly Wachowski", credit_id: "c3", department: "Writing", job: "Writer" },
    ],
  },
};

const parse = (body: object) => parseTmdbMovie(JSON.stringify(body), "/movie/603");
const loaded = (body: object, observedAt = "2026-01-02T03:04:05.000Z"): LoadedMovie => {
  const result = parse(body);
  if (!("movie" in result)) throw new TypeError("not a film");
  return { movie: result.movie, payloadSha256: "h", observedAt: observedAt as Instant };
};

describe("a TMDB body", () => {
  it("becomes rows of the catalog", () => {
    const rows = movieRows([loaded(matrix)]);
    expect(rows.movies).toEqual([
      expect.objectContaining({
        tmdb_id: 603,
        imdb_id: "tt0133093",
        release_date: "1999-03-30",
        runtime_minutes: 136,
        tagline: null,
        collection_id: 2344,
      }),
    ]);
    expect(rows.people).toEqual([
      { person_id: 6384, name: "Keanu Reeves" },
      { person_id: 9339, name: "Lilly Wachowski" },
    ]);
    expect(rows.credits.map(({ credit_id, job, billing }) => [credit_id, job, billing])).toEqual([
      ["c1", "Actor", 0],
      ["c2", "Director", null],
      ["c3", "Writer", null],
    ]);
  });

  it.each([
    ["runtime", 0, "runtime", "0 is TMDB's word for unknown"],
    ["runtime", null, "runtime", "null too"],
    ["budget", 1e300, "budget", "what no column can hold is unknown"],
    ["release_date", "", "release_date", "an empty date is none"],
    ["release_date", "1999-02-30", "release_date", "nor is a day that does not exist"],
    ["imdb_id", "603", "imdb_id", "an id of another form is none"],
  ] as const)("with %s %j has no %s: %s", (field, value, column, _why) => {
    const result = parse({ ...matrix, [field]: value });
    expect("movie" in result && result.movie[column]).toBeNull();
  });

  it.each([
    [{ ...matrix, id: undefined }, "id", "/movie/603"],
    [{ ...matrix, title: "" }, "title", "603"],
    [{ ...matrix, genres: "Action" }, "genres", "603"],
    [{ ...matrix, vote_average: 11 }, "vote_average", "603"],
  ])("that is no film is refused with what is wrong and its payload", (body, where, sourceId) => {
    expect(parse(body)).toEqual({
      refused: { sourceId, reason: "schema", detail: expect.stringContaining(where), payload: expect.anything() },
    });
  });

  it("that is no JSON is refused too", () => {
    expect(parseTmdbMovie("<html>", "/movie/5")).toMatchObject({
      refused: { sourceId: "/movie/5", reason: "not_json" },
    });
  });

  it("loses U+0000, which no text of the database can hold", () => {
    const result = parse({ ...matrix, title: "The\u0000 Matrix" });
    expect("movie" in result && result.movie.title).toBe("The Matrix");
  });

  it("that came twice counts once, the later one", () => {
    const rows = movieRows([loaded(matrix), loaded({ ...matrix, title: "Matrix" })]);
    expect(rows.movies.map(({ title }) => title)).toEqual(["Matrix"]);
  });

  it("gives a rating observation of its day where there are votes", () => {
    expect(tmdbRatingRows([loaded(matrix)])).toEqual([
      { source_id: "603", observed_on: "2026-01-02", average: 8.2, votes: 25_000 },
    ]);
    expect(tmdbRatingRows([loaded({ ...matrix, vote_count: 0, vote_average: 0 })])).toEqual([]);
  });
});
