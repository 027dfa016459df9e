import type { CalendarDate } from "@marquee/shared/contracts/time";
import { fixedClock } from "@marquee/shared/service/clock";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSandbox } from "./app.ts";
import { createDatedFilms } from "./dated-films.ts";
import { createEditableFilms } from "./editable-films.ts";
import { film, filmSetOf, silentLog } from "./testing/few-films.ts";

const clock = fixedClock("2026-07-15T12:00:00Z");
const set = filmSetOf([film({ id: 1, imdb_id: "tt0000001" }), film({ id: 2, release_date: "2013-01-01" })]);

let app: FastifyInstance;
beforeEach(async () => {
  const start = { asOf: "2012-01-01" as CalendarDate, announcedDays: 0, ratedAfterDays: 0, shift: undefined };
  const dated = await createDatedFilms({ films: set, start, clock });
  app = createSandbox({ films: dated.films, dated, log: silentLog, clock });
});
afterEach(() => app.close());

const post = (url: string, payload: string, type = "application/json") =>
  app.inject({ method: "POST", url, payload, headers: { "content-type": type } });

test("the clock is told and moved, and what is served follows", async () => {
  const state = { asOf: "2012-01-01", films: 1, rated: 1, shift: null };
  expect((await app.inject("/control/clock")).json()).toEqual(state);
  const moved = await post("/control/clock", '{"asOf":"2014-01-01"}');
  expect(moved.statusCode).toBe(200);
  expect(moved.json()).toEqual({ ...state, asOf: "2014-01-01", films: 2 });
  expect((await app.inject("/control/clock")).json()).toEqual(moved.json());
  expect((await app.inject("/health")).json()).toMatchObject({ films: 2, set: "few films, as of 2014-01-01" });
});

test("a shift is set and told", async () => {
  const shift = { from: "1999-01-01", by: -1 };
  expect((await post("/control/shift", JSON.stringify(shift))).json()).toMatchObject({ shift });
  expect((await app.inject("/control/clock")).json()).toMatchObject({ shift });
});

describe("what is not of the form is refused with the reason, and changes nothing", () => {
  const rows = [
    { url: "/control/clock", body: '{"asOf":"2011-12-31"}', says: "moves on only; 2011-12-31 is before that" },
    { url: "/control/clock", body: '{"asOf":"2012-02-30"}', says: "asOf: must be a day that exists" },
    { url: "/control/clock", body: "{}", says: 'Accepted is JSON such as {"asOf": "2014-01-01"}; asOf: ' },
    { url: "/control/clock", body: '{"asOf":"2013-01-01","back":true}', says: "back" },
    { url: "/control/clock", body: "{", says: "JSON" },
    { url: "/control/shift", body: '{"from":"2012-01-01","by":-10}', says: "by: " },
    { url: "/control/shift", body: '{"from":"2012-01-01"}', says: "by: " },
    { url: "/control/shift", body: "[]", says: "the body: " },
    { url: "/control/delete", body: "{}", says: "tmdbId: " },
    {
      url: "/control/edit",
      body: '{"tmdbId":1}',
      says: 'such as {"tmdbId": 603, "fields": {"runtime": 137}}; fields: ',
    },
    { url: "/control/edit", body: '{"tmdbId":1,"fields":{}}', says: "fields: must have at least one field" },
    { url: "/control/edit", body: '{"tmdbId":1,"fields":{"id":5}}', says: "without id, credits" },
    { url: "/control/edit", body: '{"tmdbId":1,"fields":{"title":""}}', says: "fields.title: must not be empty" },
  ];
  test.each(rows)("$url $body", async ({ url, body, says }) => {
    const { statusCode, json } = await post(url, body);
    expect(statusCode).toBe(400);
    expect(json()).toEqual({ error: expect.stringContaining(says) });
    expect((await app.inject("/control/clock")).json()).toMatchObject({ asOf: "2012-01-01", shift: null });
  });

  test("a form instead of JSON", async () => {
    const { statusCode, json } = await post("/control/clock", "asOf=2014-01-01", "application/x-www-form-urlencoded");
    expect({ statusCode, ...json() }).toEqual({
      statusCode: 415,
      error: expect.stringContaining("Accepted is JSON"),
    });
  });
});

test("a film is edited and deleted, and what is served follows", async () => {
  const edited = await post("/control/edit", '{"tmdbId":1,"fields":{"overview":"Anew.","homepage":"x"}}');
  expect(edited.json()).toEqual({ tmdbId: 1, changedOn: "2026-07-15", films: 1 });
  const film = async () => (await app.inject("/3/movie/1?api_key=sandbox")).json() as object;
  expect(await film()).toMatchObject({ overview: "Anew.", homepage: "x" });
  expect((await post("/control/delete", '{"tmdbId":1}')).json()).toMatchObject({ films: 0 });
  expect(await film()).toMatchObject({ success: false, status_code: 34 });
  const changes = await app.inject("/3/movie/changes?api_key=sandbox");
  expect(changes.json()).toMatchObject({ results: [{ id: 1, adult: null }], total_results: 1 });
});

test("a film that is not listed is answered with 404", async () => {
  const { statusCode, json } = await post("/control/delete", '{"tmdbId":2}');
  expect({ statusCode, ...json() }).toEqual({ statusCode: 404, error: "The sandbox lists no film 2 now." });
});

test("without a date films can be edited where that is asked for, and there is no clock", async () => {
  const editable = await createEditableFilms({ films: set, clock });
  const everything = createSandbox({ films: editable.films, editable, log: silentLog, clock });
  const answer = await everything.inject({ method: "POST", url: "/control/delete", payload: { tmdbId: 1 } });
  expect(answer.json()).toMatchObject({ films: 1 });
  expect((await everything.inject("/control/clock")).statusCode).toBe(404);
  await everything.close();
});

test("without a date there is nothing to control", async () => {
  const everything = createSandbox({ films: set, log: silentLog });
  expect((await everything.inject("/control/clock")).statusCode).toBe(404);
  await everything.close();
});
