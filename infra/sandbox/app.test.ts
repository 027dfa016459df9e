import { gunzipSync } from "node:zlib";
import { fixedClock } from "@marquee/shared/service/clock";
import { afterAll, describe, expect, test } from "vitest";
import { createSandbox } from "./app.ts";
import { film, filmSetOf, silentLog } from "./testing/few-films.ts";

const credits = { cast: [{ id: 7, name: "Ann", order: 0 }], crew: [] };
const films = filmSetOf([
  film(
    { id: 603, title: "The Matrix", imdb_id: "tt0133093", overview: "Red or blue.", poster_path: "/a.jpg" },
    { parts: { credits } },
  ),
  film({ id: 604, imdb_id: "tt0133093" }),
  film({ id: 5, genres: [{ id: 10769, name: "Foreign" }] }),
]);
const clock = fixedClock("2026-07-15T12:00:00Z");
const app = createSandbox({ films, apiKey: "k", log: silentLog, clock });
afterAll(() => app.close());

async function get(url: string, headers: Record<string, string> = {}) {
  const { statusCode, body, headers: answered } = await app.inject({ url, headers });
  return { statusCode, body: JSON.parse(body), headers: answered };
}

const refusals = {
  7: {
    status: 401,
    body: { success: false, status_code: 7, status_message: "Invalid API key: You must be granted a valid key." },
  },
  34: {
    status: 404,
    body: { success: false, status_code: 34, status_message: "The resource you requested could not be found." },
  },
};

describe("the key", () => {
  const rows: { says: string; url: string; headers?: Record<string, string>; status: number }[] = [
    { says: "is taken from the query", url: "/3/configuration?api_key=k", status: 200 },
    {
      says: "is taken as a bearer token",
      url: "/3/configuration",
      headers: { authorization: "Bearer k" },
      status: 200,
    },
    { says: "is needed", url: "/3/configuration", status: 401 },
    { says: "must be right", url: "/3/configuration?api_key=other", status: 401 },
    {
      says: "must be right as a token",
      url: "/3/configuration",
      headers: { authorization: "Bearer other" },
      status: 401,
    },
    { says: "is asked for before the route is looked up", url: "/3/no/such/route", status: 401 },
    { says: "is not needed for health", url: "/health", status: 200 },
    { says: "is not needed at IMDb", url: "/imdb/title.akas.tsv.gz", status: 200 },
  ];
  test.each(rows)("$says", async ({ url, headers, status }) => {
    expect((await app.inject({ url, headers: headers ?? {} })).statusCode).toBe(status);
  });

  test("is refused in TMDB's words", async () => {
    const { statusCode, body } = await get("/3/movie/603");
    expect({ status: statusCode, body }).toEqual(refusals[7]);
  });
});

describe("what is not there is answered in TMDB's words", () => {
  const rows = [
    "/3/movie/1",
    "/3/movie/0",
    "/3/movie/matrix",
    "/3/movie/1/credits",
    "/3/tv/1",
    "/3/movie/603/videos",
    "/3",
  ];
  test.each(rows)("%s", async (path) => {
    const { statusCode, body } = await get(`${path}?api_key=k`);
    expect({ status: statusCode, body }).toEqual(refusals[34]);
  });

  test.each(["/", "/4/list/1", "/3/%zz"])("%s, outside the API", async (path) => {
    const { statusCode, body } = await get(path);
    expect({ status: statusCode, body }).toEqual(refusals[34]);
  });
});

describe("a wrong request is refused with TMDB's status code", () => {
  const rows = [
    { url: "/3/discover/movie?page=0", status: 400, code: 22 },
    { url: "/3/discover/movie?page=501", status: 400, code: 22 },
    { url: "/3/discover/movie?page=first", status: 400, code: 22 },
    { url: "/3/movie/changes?start_date=2026-01-01&end_date=2026-01-16", status: 422, code: 20 },
    { url: "/3/movie/changes?start_date=today", status: 400, code: 23 },
    { url: "/3/movie/changes?page=0", status: 400, code: 22 },
    { url: "/3/find/tt0133093?", status: 422, code: 5 },
    { url: `/3/movie/603?append_to_response=${"credits,".repeat(20)}credits`, status: 400, code: 27 },
  ];
  test.each(rows)("$url", async ({ url, status, code }) => {
    const { statusCode, body } = await get(`${url}&api_key=k`);
    expect(statusCode).toBe(status);
    expect(body).toMatchObject({ success: false, status_code: code });
  });
});

describe("a film", () => {
  test("has its details alone unless more is asked for", async () => {
    const { body, headers } = await get("/3/movie/603?api_key=k");
    expect(headers["content-type"]).toBe("application/json;charset=utf-8");
    expect(body).toMatchObject({ id: 603, title: "The Matrix" });
    expect(body).not.toHaveProperty("credits");
  });

  test("has the parts that are asked for, and no other", async () => {
    const parts = "credits,videos,external_ids,keywords,release_dates,credits";
    const { body } = await get(`/3/movie/603-the-matrix?api_key=k&append_to_response=${parts}`);
    expect(body).toMatchObject({
      credits,
      external_ids: { imdb_id: "tt0133093" },
      keywords: { keywords: [] },
      release_dates: { results: [] },
    });
    expect(body).not.toHaveProperty("videos");
  });

  test("has each part under an address of its own, with its id", async () => {
    expect((await get("/3/movie/603/credits?api_key=k")).body).toEqual({ id: 603, ...credits });
    expect((await get("/3/movie/603/keywords?api_key=k")).body).toEqual({ id: 603, keywords: [] });
    expect((await get("/3/movie/603/release_dates?api_key=k")).body).toEqual({ id: 603, results: [] });
    expect((await get("/3/movie/603/external_ids?api_key=k")).body).toMatchObject({ id: 603, imdb_id: "tt0133093" });
  });
});

describe("lists", () => {
  test("show films with the fields of TMDB's lists", async () => {
    const { body } = await get("/3/discover/movie?api_key=k&sort_by=title.desc");
    expect(body).toMatchObject({ page: 1, total_pages: 1, total_results: 3 });
    expect(body.results[0]).toEqual({
      adult: false,
      backdrop_path: null,
      genre_ids: [],
      id: 603,
      original_language: "",
      original_title: "The Matrix",
      overview: "Red or blue.",
      popularity: 0,
      poster_path: "/a.jpg",
      release_date: "2000-01-01",
      title: "The Matrix",
      video: false,
      vote_average: 0,
      vote_count: 0,
    });
  });

  test("of genres have TMDB's, and those of the films besides, by name", async () => {
    const { body } = await get("/3/genre/movie/list?api_key=k");
    expect(body.genres).toHaveLength(20);
    expect(body.genres.slice(8, 10)).toEqual([
      { id: 14, name: "Fantasy" },
      { id: 10769, name: "Foreign" },
    ]);
  });

  test("of changes are empty where the data knows none", async () => {
    const { body } = await get("/3/movie/changes?api_key=k");
    expect(body).toEqual({ page: 1, results: [], total_pages: 1, total_results: 0 });
  });

  test("of finds have every film with the id", async () => {
    const { body } = await get("/3/find/tt0133093?api_key=k&external_source=imdb_id");
    expect(
      body.movie_results.map(({ id, media_type }: { id: number; media_type: string }) => [id, media_type]),
    ).toEqual([
      [603, "movie"],
      [604, "movie"],
    ]);
    expect(body).toMatchObject({ person_results: [], tv_results: [], tv_episode_results: [], tv_season_results: [] });
  });

  test("of finds are empty for ids of other places", async () => {
    const { body } = await get("/3/find/603?api_key=k&external_source=wikidata_id");
    expect(body.movie_results).toEqual([]);
  });
});

test("over the limit TMDB's side asks to slow down, IMDb's does not", async () => {
  const limited = createSandbox({ films, apiKey: "k", requestsPerSecond: 2, log: silentLog, clock });
  const url = "/3/configuration?api_key=k";
  expect((await limited.inject(url)).statusCode).toBe(200);
  expect((await limited.inject("/3/configuration")).statusCode).toBe(401);
  expect((await limited.inject(url)).statusCode).toBe(200);
  const third = await limited.inject(url);
  expect(third.statusCode).toBe(429);
  expect(third.headers["retry-after"]).toBe("1");
  expect(third.json()).toEqual({
    success: false,
    status_code: 25,
    status_message: "Your request count (3) is over the allowed limit of (2).",
  });
  expect((await limited.inject("/imdb/title.ratings.tsv.gz")).statusCode).toBe(200);
  await limited.close();
});

describe("IMDb's files", () => {
  test("are gzipped TSV with length, tag and date", async () => {
    const { rawPayload, headers, statusCode } = await app.inject("/imdb/title.ratings.tsv.gz");
    expect(statusCode).toBe(200);
    expect(String(gunzipSync(rawPayload))).toBe("tconst\taverageRating\tnumVotes\ntt0000001\t7.1\t120\n");
    expect(headers).toMatchObject({
      "content-length": String(rawPayload.length),
      "last-modified": "Fri, 01 May 2020 00:00:00 GMT",
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
  });

  test("are a header line where the data has none", async () => {
    const { rawPayload } = await app.inject("/imdb/title.episode.tsv.gz");
    expect(String(gunzipSync(rawPayload))).toBe("tconst\tparentTconst\tseasonNumber\tepisodeNumber\n");
  });

  test("answer HEAD like GET without the bytes", async () => {
    const { rawPayload, headers } = await app.inject({ method: "HEAD", url: "/imdb/title.ratings.tsv.gz" });
    expect(rawPayload).toHaveLength(0);
    expect(Number(headers["content-length"])).toBeGreaterThan(20);
  });

  test("are not sent again to who has them", async () => {
    const { headers } = await app.inject("/imdb/title.ratings.tsv.gz");
    const again = await app.inject({
      url: "/imdb/title.ratings.tsv.gz",
      headers: { "if-none-match": String(headers.etag) },
    });
    expect(again.statusCode).toBe(304);
    expect(again.rawPayload).toHaveLength(0);
  });

  test.each(["/imdb/title.reviews.tsv.gz", "/imdb/title.ratings", "/imdb/"])("do not include %s", async (url) => {
    expect((await app.inject(url)).statusCode).toBe(403);
  });
});

test("health tells what is served", async () => {
  expect((await get("/health")).body).toEqual({ status: "ok", set: "few films", films: 3, rated: 1 });
});
