import { gunzipSync } from "node:zlib";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { fixedClock } from "@marquee/shared/service/clock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "./app.ts";
import { createDatedFilms, type DatedFilms } from "./dated-films.ts";
import { film, filmSetOf, silentLog } from "./testing/few-films.ts";

const clock = fixedClock("2026-07-15T12:00:00Z");
const set = filmSetOf([
  film({ id: 1 }),
  film({ id: 2, release_date: "" }),
  film({ id: 3, release_date: "2012-02-01" }),
]);
const TODAY = "/p/exports/movie_ids_07_15_2026.json.gz";

describe("TMDB's files of ids", () => {
  const app = createSandbox({ films: set, apiKey: "k", log: silentLog, clock });
  afterAll(() => app.close());

  test("are gzipped JSON lines with length, tag and date, without a key", async () => {
    const { statusCode, headers, rawPayload } = await app.inject(TODAY);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      "content-length": String(rawPayload.length),
      "content-type": "binary/octet-stream",
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      "last-modified": "Wed, 15 Jul 2026 00:00:00 GMT",
    });
    const lines = String(gunzipSync(rawPayload)).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2, 3]);
  });

  test("answer HEAD and 304 as IMDb's do", async () => {
    const { headers } = await app.inject({ method: "HEAD", url: TODAY });
    expect(Number(headers["content-length"])).toBeGreaterThan(50);
    const again = await app.inject({ url: TODAY, headers: { "if-none-match": String(headers.etag) } });
    expect(again).toMatchObject({ statusCode: 304, body: "" });
  });

  const refused = [
    "movie_ids_07_16_2026.json.gz",
    "movie_ids_04_16_2026.json.gz",
    "person_ids_07_15_2026.json.gz",
    "movie_ids.json",
    "",
  ];
  test.each(refused)("do not include %s", async (file) => {
    const { statusCode, body, headers } = await app.inject(`/p/exports/${file}`);
    expect({ statusCode, type: headers["content-type"] }).toEqual({ statusCode: 403, type: "application/xml" });
    expect(body).toContain("<Code>AccessDenied</Code>");
  });
});

describe("at a date", () => {
  let dated: DatedFilms;
  beforeAll(async () => {
    const start = { asOf: "2012-01-01" as CalendarDate, announcedDays: 0, ratedAfterDays: 0, shift: undefined };
    dated = await createDatedFilms({ films: set, start, clock });
  });

  test("they are of the sandbox's day and of the real one, have what is listed, and a change shows by date", async () => {
    const app = createSandbox({ films: dated.films, dated, log: silentLog, clock });
    const there = "/p/exports/movie_ids_01_01_2012.json.gz";
    expect(String(gunzipSync((await app.inject(there)).rawPayload))).toMatch(/^\{[^\n]*"id":1,[^\n]*\}\n$/);
    const { headers } = await app.inject(TODAY);
    dated.moveTo("2012-02-01" as CalendarDate);
    const since = { "if-modified-since": String(headers["last-modified"]) };
    const moved = await app.inject({ url: TODAY, headers: since });
    expect(String(gunzipSync(moved.rawPayload)).trimEnd().split("\n")).toHaveLength(2);
    await app.close();
  });
});
