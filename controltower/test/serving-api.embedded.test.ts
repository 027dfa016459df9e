import { predictBatchResponseSchema, predictionSchema } from "@marquee/shared/contracts/prediction";
import { problemSchema } from "@marquee/shared/contracts/problem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Serving } from "../src/serving/app.ts";
import { createServingHarness, post, type ServingHarness } from "./serving-harness.ts";
import { MATRIX, TODAY } from "./small-catalog.ts";
import { tinyModel } from "./tiny-model.ts";

let harness: ServingHarness;
let serving: Serving;

beforeAll(async () => {
  harness = await createServingHarness();
  await harness.promote(tinyModel());
  serving = await harness.serve({
    dataNotice: "The data is a sample.",
    exampleFilm: () => ({ tmdbId: 42, imdbId: "tt0000042", releaseDate: "2001-05-05", director: "Ada" }),
  });
});
afterAll(() => harness.close());

describe("a prediction", () => {
  test("comes from the champion and keeps its contract", async () => {
    const response = await post(serving, { movie: { tmdbId: MATRIX.tmdbId }, explain: true });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(predictionSchema.parse(response.json())).toMatchObject({ model: { name: "rating", version: 1 } });
  });

  test("by description comes from what its names had to show", async () => {
    const response = await post(serving, { movie: { directors: ["Lana Wachowski"], runtime: 110 } });
    expect(response.json()).toMatchObject({ rating: expect.closeTo(7.35, 9), asOf: TODAY });
  });

  test("of a batch has its item's place, and a problem is a problem document", async () => {
    const items = [{ movie: { tmdbId: 999 } }, { movie: { tmdbId: MATRIX.tmdbId } }, { movie: { runtime: -1 } }];
    const response = await post(serving, { items }, "/predict/batch");
    expect(response.statusCode).toBe(200);
    const { results } = predictBatchResponseSchema.parse(response.json());
    expect(results).toMatchObject([
      { problem: { code: "FILM_UNKNOWN", status: 404, errors: [{ path: "items[0].movie.tmdbId" }] } },
      { film: { title: "The Matrix" } },
      { problem: { code: "REQUEST_INVALID", status: 400, errors: [{ path: "items[2].movie.runtime" }] } },
    ]);
  });
});

describe("a refusal", () => {
  test.each([
    [400, "BODY_NOT_JSON", "a body that is not JSON", '{"movie": '],
    [400, "BODY_NOT_JSON", "a body that would reach into prototypes", '{"__proto__": {"movie": {}}}'],
    [400, "BODY_NOT_JSON", "an empty body", ""],
    [400, "REQUEST_INVALID", "a body that is a list", []],
    [400, "REQUEST_INVALID", "a wrong field", { movie: { releaseDate: "2027-02-30" } }],
    [404, "FILM_UNKNOWN", "an unknown film", { movie: { tmdbId: 999 } }],
    [413, "BODY_TOO_LARGE", "a body over 4 MiB", JSON.stringify({ movie: { overview: "x".repeat(5_000_000) } })],
  ])("is a %i %s problem document for %s", async (status, code, _sentence, payload) => {
    const response = await post(serving, payload);
    expect(response.statusCode).toBe(status);
    expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(problemSchema.parse(response.json())).toMatchObject({ status, code });
  });

  test.each(["text/plain", "application/xml"])("is a 415 problem document for content of type %s", async (type) => {
    const { http } = serving;
    const headers = { "content-type": type };
    const response = await http.inject({ method: "POST", url: "/predict", payload: '{"movie":{}}', headers });
    expect(problemSchema.parse(response.json())).toMatchObject({ status: 415, code: "MEDIA_TYPE_UNSUPPORTED" });
  });

  test("of a batch of 1,001 says how many are accepted", async () => {
    const response = await post(serving, { items: Array(1001).fill({ movie: {} }) }, "/predict/batch");
    expect(problemSchema.parse(response.json())).toMatchObject({
      status: 400,
      errors: [{ path: "items", message: "must have at most 1000 items; given: a list of 1001" }],
    });
  });
});

test.each([
  ["GET", "/%x", 400, "REQUEST_INVALID"],
  ["GET", "/predict", 404, "ROUTE_UNKNOWN"],
  ["POST", `/${"x".repeat(500)}`, 404, "ROUTE_UNKNOWN"],
] as const)("%s %s is a %i problem document that says little of what was sent", async (method, url, status, code) => {
  const response = await serving.http.inject({ method, url });
  const problem = problemSchema.parse(response.json());
  expect(problem).toMatchObject({ status, code });
  expect(problem.detail.length).toBeLessThan(200);
});

describe("the API's description", () => {
  test("is OpenAPI 3.1 with every route, its examples, and where the data comes from", async () => {
    const { http } = serving;
    const document = (await http.inject("/docs/json")).json();
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/models/current",
      "/models/history",
      "/predict",
      "/predict/batch",
    ]);
    const { description } = document.info;
    expect(description).toContain("The data is a sample.");
    expect(description).toContain("This product uses the TMDB API but is not endorsed or certified by TMDB.");
    expect(description).toContain("Information courtesy of IMDb (https://www.imdb.com). Used with permission.");
    const { requestBody, responses } = document.paths["/predict"].post;
    expect(Object.keys(requestBody.content["application/json"].examples)).toEqual([
      "byTmdbId",
      "byImdbId",
      "byDescription",
      "explained",
    ]);
    expect(requestBody.content["application/json"].examples.byTmdbId.value).toEqual({ movie: { tmdbId: 42 } });
    expect(Object.keys(responses)).toEqual(["200", "400", "404", "413", "415", "503"]);
    expect(responses["404"].content["application/problem+json"].examples).toHaveProperty("filmUnknown");
    const forms = document.components.schemas.PredictRequest.properties.movie.anyOf;
    expect(forms.map(({ title }: { title: string }) => title)).toEqual(["By TMDB id", "By IMDb id", "By description"]);
  });

  test("is a page whose every asset is served from here", async () => {
    const { http } = serving;
    const page = await http.inject("/docs/");
    expect(page.statusCode).toBe(200);
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => String(url));
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      const { pathname, host } = new URL(asset, "http://here/docs/");
      expect([asset, host, (await http.inject(pathname)).statusCode]).toEqual([asset, "here", 200]);
    }
  });
});
