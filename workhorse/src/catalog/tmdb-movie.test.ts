import type { Instant } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import type { FetchedFilm } from "./fetched-film.ts";
import { LISTS, MOVIE_COLUMNS, movieRow } from "./movie-rows.ts";
import { parseTmdbMovie } from "./tmdb-movie.ts";
import { tmdbRating } from "./tmdb-ratings.ts";

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

const parse = (body: object, path = "/movie/603?append_to_response=credits") =>
  parseTmdbMovie({ path, body: JSON.stringify(body) });
const fetched = (body: object): FetchedFilm => {
  const result = parse(body);
  if (!("movie" in result)) throw new TypeError("not a film");
  const observedAt = "2026-01-02T03:04:05.000Z" as Instant;
  return { movie: result.movie, payloadSha256: "h", observedAt, manifestKey: "m" };
};

describe("a TMDB body", () => {
  it("becomes rows of the catalog", () => {
    const film = fetched(matrix);
    const row = Object.fromEntries(MOVIE_COLUMNS.map((column, i) => [column, movieRow(film)[i]]));
    expect(row).toMatchObject({
      tmdb_id: 603,
      external_imdb_id: "tt0133093",
      release_date: "1999-03-30",
      runtime_minutes: 136,
      tagline: null,
      collection_id: 2344,
      fetched_at: "2026-01-02T03:04:05.000Z",
      manifest_key: "m",
    });
    expect(LISTS.movie_genres.rows(film.movie)).toEqual([
      [603, 28],
      [603, 878],
    ]);
    expect(LISTS.movie_companies.rows(film.movie)).toEqual([[603, 79, 0]]);
    expect(LISTS.credits.rows(film.movie)).toEqual([
      [603, "c1", 6384, "Acting", "Actor", 0],
      [603, "c2", 9339, "Directing", "Director", null],
      [603, "c3", 9339, "Writing", "Writer", null],
    ]);
  });

  it("that names a genre twice has it once", () => {
    const genre = { id: 28, name: "Action" };
    expect(LISTS.movie_genres.rows(fetched({ ...matrix, genres: [genre, genre] }).movie)).toEqual([[603, 28]]);
  });

  it.each([
    ["runtime", 0, "runtime", "0 is TMDB's word for unknown"],
    ["runtime", null, "runtime", "null too"],
    ["runtime", 0.4, "runtime", "what rounds to 0 is 0"],
    ["budget", 1e300, "budget", "what no column can hold is unknown"],
    ["release_date", "", "release_date", "an empty date is none"],
    ["release_date", "1999-02-30", "release_date", "nor is a day that does not exist"],
    ["imdb_id", "603", "imdb_id", "an id of another form is none"],
    ["imdb_id", undefined, "imdb_id", "nor is one that is left out"],
    ["release_date", undefined, "release_date", "nor a day that is left out"],
  ] as const)("with %s %j has no %s: %s", (field, value, column, _why) => {
    const result = parse({ ...matrix, [field]: value });
    expect("movie" in result && result.movie[column]).toBeNull();
  });

  it.each([
    [{ ...matrix, id: undefined }, "id", "603"],
    [{ ...matrix, id: 7, title: "" }, "title", "7"],
    [{ ...matrix, genres: "Action" }, "genres", "603"],
    [{ ...matrix, vote_average: 11 }, "vote_average", "603"],
    [{ ...matrix, id: "x".repeat(5_000) }, "id", "x".repeat(40)],
  ])("that is no film is refused with what is wrong and its payload", (body, where, sourceId) => {
    const payload = JSON.parse(JSON.stringify(body));
    expect(parse(body)).toEqual({
      refused: { sourceId, reason: "schema", detail: expect.stringContaining(where), payload },
      json: payload,
    });
  });

  it("that is no JSON is refused too, whole", () => {
    const body = `<html>${"x".repeat(5_000)}`;
    expect(parseTmdbMovie({ path: "/movie/5", body })).toMatchObject({
      refused: { sourceId: "5", reason: "not_json", payload: body },
    });
  });

  const gone = { success: false, status_code: 34, status_message: "The resource you requested could not be found." };

  it("of a film that TMDB does not have says that it is deleted", () => {
    const body = JSON.stringify(gone);
    expect(parseTmdbMovie({ path: "/movie/603?language=en-US", body, status: 404 })).toMatchObject({ deleted: 603 });
  });

  it.each([
    ["an error of TMDB's", { ...gone, status_code: 7 }, 404, "/movie/603"],
    ["word of a missing film in an answer of another kind", gone, 200, "/movie/603"],
    ["word of something missing that is no film", gone, 404, "/movie/popular"],
  ])("that is %s is refused", (_what, error, status, path) => {
    const body = JSON.stringify(error);
    expect(parseTmdbMovie({ path, body, status })).toMatchObject({
      refused: { reason: "error_body", detail: expect.stringContaining(String(error.status_code)) },
    });
  });

  it("loses what no text of the database can hold: U+0000 and half of a character", () => {
    expect(fetched({ ...matrix, title: "The\u0000 Matrix\ud83d" }).movie.title).toBe("The Matrix\ufffd");
  });

  it("gives a rating observation of its day where there are votes", () => {
    expect(tmdbRating(fetched(matrix))).toEqual({ observedOn: "2026-01-02", average: 8.2, votes: 25_000 });
    expect(tmdbRating(fetched({ ...matrix, vote_count: 0, vote_average: 0 }))).toBeUndefined();
  });
});
