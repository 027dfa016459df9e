import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { recordedData } from "../../testing/inputs.ts";
import type { FilmSet } from "../film-set.ts";
import { IMDB_COLUMNS, IMDB_FILE_NAMES, type ImdbFileName } from "../imdb-file.ts";
import { loadFilms } from "../load-films.ts";
import { silentLog } from "../testing/few-films.ts";

const data = recordedData();

describe.skipIf(data === undefined)("IMDb's files of the recorded set", () => {
  let films: FilmSet;
  beforeAll(async () => {
    films = await loadFilms(data, silentLog);
  });

  const bytesOf = async (name: ImdbFileName): Promise<Buffer> => buffer((await films.imdbFile(name).state()).open());
  const rowsOf = async (name: ImdbFileName): Promise<string[][]> =>
    String(gunzipSync(await bytesOf(name)))
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"));

  const counts: Record<ImdbFileName, number> = {
    "title.basics": 148_388,
    "title.ratings": 775_956,
    "title.crew": 147_143,
    "title.principals": 12_575,
    "title.akas": 999,
    "title.episode": 999,
    "name.basics": 11_914,
  };
  test.each(IMDB_FILE_NAMES)("%s has rows, each with IMDb's columns", async (name) => {
    const rows = await rowsOf(name);
    expect(rows).toHaveLength(counts[name]);
    expect(rows.filter((row) => row.length !== IMDB_COLUMNS[name].length)).toEqual([]);
  });

  test.each(["title.akas", "title.episode"] as const)("%s is what was recorded, byte for byte", async (name) => {
    const recorded = await readFile(join(data ?? "", "imdb/slice-999", `${name}.tsv.gz`));
    expect(recorded.equals(await bytesOf(name))).toBe(true);
  });

  test("a title stands once in basics and crew, a person once in names", async () => {
    for (const name of ["title.basics", "title.crew", "name.basics"] as const) {
      const rows = await rowsOf(name);
      expect(new Set(rows.map(([id]) => id)).size, name).toBe(rows.length);
    }
  });

  test("IMDb's own row of a title wins over the one that is put back into its form", async () => {
    const basics = new Map((await rowsOf("title.basics")).map((row) => [row[0], row]));
    expect(basics.get("tt0000001")).toEqual(
      "tt0000001 short Carmencita Carmencita 0 1894 \\N 1 Documentary,Short".split(" "),
    );
    expect(basics.get("tt0063540")).toEqual([
      "tt0063540",
      "movie",
      "Sunghursh",
      "Sunghursh",
      "0",
      "2013",
      "\\N",
      "175",
      "Action,Crime,Drama",
    ]);
    expect((await rowsOf("title.crew")).find(([id]) => id === "tt0438973")).toEqual([
      "tt0438973",
      "\\N",
      "nm0175726,nm1802864",
    ]);
  });

  test("directors of listed films have the name that TMDB gives them", async () => {
    const names = new Map((await rowsOf("name.basics")).map((row) => [row[0], row]));
    // Inception: IMDb has one director, TMDB too.
    const [, director = ""] = (await rowsOf("title.crew")).find(([id]) => id === "tt1375666") ?? [];
    expect(names.get(director)?.slice(0, 5)).toEqual(["nm0634240", "Christopher Nolan", "\\N", "\\N", "director"]);
    expect(names.get(director)?.[5]?.split(",")).toContain("tt1375666");
  });
});
