import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { describe, expect, test } from "vitest";
import { dailyExport, exportFile, isKept } from "./id-export.ts";
import { film, OBSERVED_AT } from "./testing/few-films.ts";

const day = (text: string) => text as CalendarDate;

describe("a file's name", () => {
  const rows = [
    { file: "movie_ids_07_15_2026.json.gz", is: { kind: "movie_ids", day: "2026-07-15" } },
    { file: "adult_movie_ids_12_31_2026.json.gz", is: { kind: "adult_movie_ids", day: "2026-12-31" } },
    { file: "movie_ids_15_07_2026.json.gz", is: undefined },
    { file: "movie_ids_02_30_2026.json.gz", is: undefined },
    { file: "movie_ids_7_5_2026.json.gz", is: undefined },
    { file: "person_ids_07_15_2026.json.gz", is: undefined },
    { file: "movie_ids_07_15_2026.json", is: undefined },
    { file: "movie_ids_07_15_2026.json.gz.bak", is: undefined },
  ];
  test.each(rows)("$file", ({ file, is }) => {
    expect(dailyExport(file)).toEqual(is);
  });
});

describe("a day's file is there", () => {
  const rows = [
    { says: "not before the day", today: "2026-07-14", kept: false },
    { says: "on the day", today: "2026-07-15", kept: true },
    { says: "89 days later", today: "2026-10-12", kept: true },
    { says: "not 90 days later", today: "2026-10-13", kept: false },
  ];
  test.each(rows)("$says", ({ today, kept }) => {
    expect(isKept(day("2026-07-15"), day(today))).toBe(kept);
  });
});

describe("the lines", () => {
  const films = [
    film({ id: 9, original_title: 'Quo "vadis"', popularity: 2.405, video: true, release_date: null }),
    film({ id: 3, title: "Ann" }),
    film({ id: 5, adult: true }),
  ];
  async function linesOf(kind: "movie_ids" | "adult_movie_ids"): Promise<string> {
    const { open } = await exportFile(kind, films, OBSERVED_AT).state();
    return String(gunzipSync(await buffer(open())));
  }

  test("are every film's by id, without a date too, in TMDB's form", async () => {
    expect(await linesOf("movie_ids")).toBe(
      '{"adult":false,"id":3,"original_title":"Ann","popularity":0,"video":false}\n' +
        '{"adult":false,"id":9,"original_title":"Quo \\"vadis\\"","popularity":2.405,"video":true}\n',
    );
  });

  test("of adult films are in a file of their own", async () => {
    expect(await linesOf("adult_movie_ids")).toMatch(/^\{"adult":true,"id":5,.*\}\n$/);
  });
});
