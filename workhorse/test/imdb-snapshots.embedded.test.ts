import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { findInput } from "@marquee/shared/testing/inputs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IMDB_FILES } from "../src/sources/imdb-client.ts";
import { createImdbHarness, filesOf, type ImdbHarness, nm, tt } from "./imdb-harness.ts";

let imdb: ImdbHarness;
beforeEach(async () => {
  imdb = await createImdbHarness();
});
afterEach(() => imdb.close());

const film = (number: number, title = `Film ${number}`) =>
  `${tt(number)}\tmovie\t${title}\t${title}\t0\t2010\t\\N\t100\tDrama,Sci-Fi`;
const changedOf = (result: TaskResult) =>
  Object.fromEntries(filesOf(result).map(({ file, changed }) => [file, changed]));

describe("IMDb's other files", () => {
  const everything = async () => {
    await imdb.keepLines("title.basics", [
      film(1, '"Ω" \\ 東京'),
      film(2),
      `${tt(3)}\ttvEpisode\tE\tE\t0\t2010\t\\N\t\\N\t\\N`,
      `${tt(4)}\tvideo\tV\tV\t1\t\\N\t\\N\t\\N\t\\N`,
    ]);
    await imdb.keepLines("title.crew", [
      `${tt(1)}\t${nm(1)},${nm(2)}\t${nm(1)}`,
      `${tt(2)}\t\\N\t\\N`,
      `${tt(3)}\t${nm(9)}\t\\N`,
    ]);
    await imdb.keepLines("title.principals", [
      `${tt(1)}\t1\t${nm(3)}\tactor\t\\N\t["Neo \\"The One\\""]`,
      `${tt(3)}\t1\t${nm(9)}\tactor\t\\N\t\\N`,
    ]);
    await imdb.keepLines("title.akas", [`${tt(1)}\t1\tMatrix\tDE\t\\N\timdbDisplay\t\\N\t0`]);
    await imdb.keepLines(
      "name.basics",
      [1, 2, 3, 9].map((n) => `${nm(n)}\tPerson ${n}\t1950\t\\N\tactor\t${tt(1)}`),
    );
    await imdb.keepLines("title.episode", [`${tt(3)}\t${tt(8)}\t1\t\\N`]);
  };

  it("become tables of films and of those who made them", async () => {
    await everything();
    await imdb.load();
    expect(await imdb.database.query("select * from imdb_titles order by imdb_number")).toMatchObject([
      {
        imdb_number: 1,
        title_type: "movie",
        primary_title: '"Ω" \\ 東京',
        start_year: 2010,
        runtime_minutes: 100,
        is_adult: false,
        genres: ["Drama", "Sci-Fi"],
      },
      { imdb_number: 2 },
      { imdb_number: 4, title_type: "video", start_year: null, is_adult: true, genres: null },
    ]);
    expect(await imdb.database.query("select * from imdb_crew order by role, position")).toEqual([
      { imdb_number: 1, role: "director", person_number: 1, position: 1 },
      { imdb_number: 1, role: "director", person_number: 2, position: 2 },
      { imdb_number: 1, role: "writer", person_number: 1, position: 1 },
    ]);
    expect(await imdb.database.query("select * from imdb_principals")).toMatchObject([
      { imdb_number: 1, ordering: 1, person_number: 3, category: "actor", characters: '["Neo \\"The One\\""]' },
    ]);
    expect(await imdb.database.query("select * from imdb_akas")).toMatchObject([
      { imdb_number: 1, title: "Matrix", region: "DE", types: "imdbDisplay", is_original: false },
    ]);
    expect(await imdb.database.query("select name, birth_year from imdb_people order by 1")).toEqual([
      { name: "Person 1", birth_year: 1950 },
      { name: "Person 2", birth_year: 1950 },
      { name: "Person 3", birth_year: 1950 },
    ]);
    expect(
      await imdb.database.query("select rows_in, rows_loaded from snapshot_loads where file = 'title.episode'"),
    ).toEqual([{ rows_in: 1, rows_loaded: 1 }]);
  });

  it("are read by their columns' names, in any order, and of films alone", async () => {
    await imdb.keepLines("title.basics", [film(1)]);
    const crew = [`${nm(1)}\t\\N\t${tt(1)}`, `${nm(2)}\t\\N\t${tt(2)}`];
    await imdb.keepGzipped("title.crew", gzipSync(`directors\twriters\ttconst\n${crew.join("\n")}\n`));
    await imdb.load();
    expect(await imdb.database.query("select imdb_number, person_number from imdb_crew")).toEqual([
      { imdb_number: 1, person_number: 1 },
    ]);
  });

  it("change nothing when they are loaded again, fetched again, or read in another process's order", async () => {
    await everything();
    await imdb.load();
    expect((await imdb.load()).rowsIn).toBe(0);
    // The same content on another day.
    imdb.setTime("2020-01-05T12:00:00Z");
    await everything();
    expect((await imdb.load()).rowsIn).toBe(0);
    // And read again for another reason.
    await imdb.database.execute("delete from snapshot_loads");
    expect(await imdb.load()).toMatchObject({ rowsIn: 15, rowsOut: 0 });
  });

  it("leave the tables as the latest files say: gone, changed and new rows, and those that depend on them", async () => {
    await everything();
    await imdb.load();
    await imdb.keepLines("title.basics", [film(2, "Renamed"), film(3), film(4)]);
    const result = await imdb.load();
    expect(changedOf(result)).toEqual({
      // Film 1 is gone and takes its rows along; 3 is a film now; 2 and 4 say something else.
      "title.basics": 4,
      "title.crew": 1,
      "title.principals": 1,
      "title.akas": 0,
      "name.basics": 4,
    });
    expect(await imdb.database.query("select imdb_number, person_number from imdb_crew")).toEqual([
      { imdb_number: 3, person_number: 9 },
    ]);
    expect(await imdb.database.query("select person_number from imdb_people")).toEqual([{ person_number: 9 }]);
  });

  it("keep what cannot be taken apart with its reason, as long as the latest file has it", async () => {
    await imdb.keepLines("title.basics", [
      film(1),
      `${tt(2)}\tmovie\t\\N\t\\N\t0\t2010\t\\N\t\\N\t\\N`,
      `${tt(3)}\tmovie\tA\tB\tC\t0\t2010\t\\N\t\\N\t\\N`,
      `${tt(4)}\tmovie\tA\tA\t2\t2010\t\\N\t\\N\t\\N`,
      `x\tmovie\tA\tA\t0\t2010\t\\N\t\\N\t\\N`,
    ]);
    await imdb.load();
    expect(await imdb.database.query("select source_id, reason, detail from quarantine order by 1")).toEqual([
      { source_id: tt(2), reason: "schema title.basics", detail: "primaryTitle is missing" },
      {
        source_id: tt(3),
        reason: "schema title.basics",
        detail: "the line has 10 fields where the header has 9",
      },
      { source_id: tt(4), reason: "schema title.basics", detail: "isAdult is neither 0 nor 1" },
      { source_id: "x", reason: "schema title.basics", detail: "tconst is no id of a title" },
    ]);
    await imdb.keepLines("title.basics", [film(1), film(2)]);
    await imdb.load();
    expect(await imdb.count("quarantine")).toBe(0);
  });

  it("keep each line of a title's credits that cannot be taken, and count every line once", async () => {
    await imdb.keepLines("title.basics", [film(1), `${tt(2)}\ttvEpisode\tE\tE\t0\t2010\t\\N\t\\N\t\\N`]);
    const credit = (title: number, ordering: number, person: string) =>
      `${tt(title)}\t${ordering}\t${person}\tactor\t\\N\t\\N`;
    await imdb.keepLines("title.principals", [
      credit(1, 1, nm(1)),
      credit(1, 2, "x"),
      credit(1, 3, "\\N"),
      credit(2, 1, "x"),
    ]);
    await imdb.load();
    expect(await imdb.database.query("select source_id, detail from quarantine order by 1")).toEqual([
      { source_id: `${tt(1)} 2`, detail: "nconst is no id of a person" },
      { source_id: `${tt(1)} 3`, detail: "nconst is no id of a person" },
    ]);
    // The fourth is of no film.
    expect(
      await imdb.database.query(
        "select rows_in, rows_loaded, rows_quarantined from snapshot_loads where file = 'title.principals'",
      ),
    ).toEqual([{ rows_in: 4, rows_loaded: 1, rows_quarantined: 2 }]);
  });

  it("stay as they were where the latest file has a header alone", async () => {
    await imdb.keepLines(
      "title.basics",
      Array.from({ length: 50 }, (_, i) => film(i + 1)),
    );
    await imdb.load();
    imdb.setTime("2020-01-02T12:00:00Z");
    await imdb.keepLines("title.basics", []);
    expect(filesOf(await imdb.load())).toMatchObject([{ refused: expect.stringContaining("rows is 0") }]);
    expect(await imdb.count("imdb_titles")).toBe(50);
  });

  it("are loaded from the last file that the gate did not refuse, also into an empty catalog", async () => {
    const films = (n: number) => Array.from({ length: n }, (_, i) => film(i + 1));
    await imdb.keepLines("title.basics", films(200));
    await imdb.load();
    imdb.setTime("2020-01-02T12:00:00Z");
    await imdb.keepLines("title.basics", films(20));
    expect(filesOf(await imdb.load())).toMatchObject([
      { file: "title.basics", refused: expect.stringContaining("rows") },
    ]);
    expect(await imdb.count("imdb_titles")).toBe(200);
    await imdb.database.execute("delete from imdb_titles; delete from snapshot_loads; delete from archive_loads");
    expect(filesOf(await imdb.load())).toMatchObject([{ refused: expect.any(String) }, { rows: 200, changed: 200 }]);
  });

  it("whose load ends in the middle leave the tables as they were", async () => {
    await everything();
    await imdb.load();
    const before = await imdb.count("imdb_titles");
    await imdb.keepLines(
      "title.basics",
      Array.from({ length: 40_000 }, (_, i) => film(i + 100)),
    );
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done > 10_000) stop.abort();
    };
    await expect(imdb.load({ onProgress, signal: stop.signal })).rejects.toThrow(/abort/i);
    expect(await imdb.count("imdb_titles")).toBe(before);
    await imdb.load();
    expect(await imdb.count("imdb_titles")).toBe(40_000);
  });
});

const slices = findInput("data/imdb", "tests on IMDb's own files");
describe.skipIf(slices === undefined)("IMDb's own files", () => {
  it.each([
    [
      "slice-999",
      { imdb_titles: 32, imdb_crew: 56, imdb_principals: 24, imdb_akas: 9, imdb_people: 2, imdb_ratings: 999 },
    ],
    ["slice-2000", { imdb_titles: 2_000, imdb_principals: 11_576, imdb_people: 10_177 }],
  ])("of %s are loaded without a refused line, and loaded again change nothing", async (slice, rows) => {
    for (const file of IMDB_FILES) {
      const path = join(slices ?? "", slice, `${file}.tsv.gz`);
      if (existsSync(path)) await imdb.keepFile(file, path);
    }
    await imdb.load();
    expect(await imdb.count("quarantine")).toBe(0);
    const counts = await Promise.all(Object.keys(rows).map(async (table) => [table, await imdb.count(table)]));
    expect(Object.fromEntries(counts)).toEqual(rows);
    await imdb.database.execute("delete from snapshot_loads; delete from archive_loads");
    expect((await imdb.load()).rowsOut).toBe(0);
  });
});
