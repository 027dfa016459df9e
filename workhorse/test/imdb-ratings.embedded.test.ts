import { gzipSync } from "node:zlib";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { findInput } from "@marquee/shared/testing/inputs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptRun } from "../src/data-quality/accept-run.ts";
import { createImdbHarness, filesOf, type ImdbHarness, tt } from "./imdb-harness.ts";

let imdb: ImdbHarness;
beforeEach(async () => {
  imdb = await createImdbHarness();
});
afterEach(() => imdb.close());

const keepRatings = (day: string, ...rows: [number: number, average: string, votes: number][]) =>
  imdb.keepLines(
    "title.ratings",
    rows.map(([number, average, votes]) => `${tt(number)}\t${average}\t${votes}`),
    day,
  );
const history = () =>
  imdb.database.query("select imdb_number as n, observed_on as day, average, votes from imdb_ratings order by 1, 2");

describe("IMDb's ratings", () => {
  it("keep a row for each day on which a title's rating moved, and none for a day on which it stayed", async () => {
    await keepRatings("2020-01-01", [1, "5.8", 100], [2, "6.4", 12]);
    await keepRatings("2020-01-02", [1, "5.8", 100], [2, "6.4", 13], [3, "9.9", 7]);
    await keepRatings("2020-01-03", [1, "5.8", 100], [2, "6.4", 13]);
    expect(filesOf(await imdb.load()).map(({ rows, changed }) => [rows, changed])).toEqual([
      [2, 2],
      [3, 2],
      [2, 0],
    ]);
    expect(await history()).toEqual([
      { n: 1, day: "2020-01-01", average: 5.8, votes: 100 },
      { n: 2, day: "2020-01-01", average: 6.4, votes: 12 },
      { n: 2, day: "2020-01-02", average: 6.4, votes: 13 },
      { n: 3, day: "2020-01-02", average: 9.9, votes: 7 },
    ]);
    expect((await imdb.load()).rowsIn).toBe(0);
  });

  it("have the first line of a title that a file names twice, in the first file and in later ones", async () => {
    await keepRatings("2020-01-01", [1, "5.8", 100], [2, "6.4", 12], [1, "9.0", 1]);
    await imdb.load();
    await keepRatings("2020-01-02", [2, "7.0", 12], [2, "8.0", 12]);
    await imdb.load();
    expect(await history()).toEqual([
      { n: 1, day: "2020-01-01", average: 5.8, votes: 100 },
      { n: 2, day: "2020-01-01", average: 6.4, votes: 12 },
      { n: 2, day: "2020-01-02", average: 7, votes: 12 },
    ]);
    // The way of the first file leaves the table as it found it.
    expect(
      await imdb.database.query(
        "select conname from pg_constraint where conrelid = 'imdb_ratings'::regclass and contype = 'p'",
      ),
    ).toEqual([{ conname: "imdb_ratings_pkey" }]);
  });

  it("say the same of the days after a file that came late", async () => {
    await keepRatings("2020-01-01", [1, "5.0", 10], [2, "5.0", 10], [3, "5.0", 10]);
    await keepRatings("2020-01-03", [1, "5.0", 10], [2, "7.0", 30], [3, "6.0", 20], [4, "6.0", 20]);
    await imdb.load();
    await keepRatings("2020-01-02", [1, "5.5", 11], [2, "6.0", 20], [3, "6.0", 20], [4, "6.0", 20]);
    await imdb.load();
    expect(await history()).toEqual([
      { n: 1, day: "2020-01-01", average: 5, votes: 10 },
      { n: 1, day: "2020-01-02", average: 5.5, votes: 11 },
      { n: 1, day: "2020-01-03", average: 5, votes: 10 },
      { n: 2, day: "2020-01-01", average: 5, votes: 10 },
      { n: 2, day: "2020-01-02", average: 6, votes: 20 },
      { n: 2, day: "2020-01-03", average: 7, votes: 30 },
      { n: 3, day: "2020-01-01", average: 5, votes: 10 },
      { n: 3, day: "2020-01-02", average: 6, votes: 20 },
      { n: 4, day: "2020-01-02", average: 6, votes: 20 },
    ]);
  });

  it("keep the first thousand lines that cannot be taken with their reasons, and the rest as a number", async () => {
    const bad = Array.from({ length: 1_500 }, (_, i) => `${tt(i + 1)}\t5.0\t100\t\0`);
    const good = Array.from({ length: 30_000 }, (_, i) => `${tt(i + 10_000)}\t6.0\t100`);
    await imdb.keepLines("title.ratings", [...bad, ...good]);
    expect(filesOf(await imdb.load())).toMatchObject([{ rows: 31_500, changed: 30_000, quarantined: 1_500 }]);
    const kept = await imdb.database.query(
      "select source_id, reason, detail, manifest_key is not null as known from quarantine order by reason, source_id",
    );
    expect(kept).toHaveLength(1_001);
    expect(kept[0]).toEqual({
      source_id: tt(1),
      reason: "schema title.ratings",
      detail: "the line has 4 fields where the header has 3",
      known: true,
    });
    expect(kept.at(-1)).toEqual({
      source_id: "title.ratings",
      reason: "too_many",
      detail: "500 more lines",
      known: true,
    });
  });

  it("take nothing of a file whose load ends in the middle, and all of it the next time", async () => {
    const rows = Array.from({ length: 60_000 }, (_, i): [number, string, number] => [i + 1, "6.0", i]);
    await keepRatings("2020-01-01", ...rows);
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done > 20_000) stop.abort();
    };
    for (const emptyBefore of [true, false]) {
      await expect(imdb.load({ onProgress, signal: stop.signal })).rejects.toThrow(/abort/i);
      expect([await imdb.count("imdb_ratings"), await imdb.count("archive_loads")]).toEqual([emptyBefore ? 0 : 1, 0]);
      // The second time it is compared with what is there.
      if (emptyBefore) await imdb.database.execute("insert into imdb_ratings values (1, '2019-01-01', 1, 1)");
    }
    await imdb.load();
    expect(await imdb.count("imdb_ratings")).toBe(60_001);
  });

  it("are loaded by a role that may write the table and does not own it", async () => {
    const [at] = await imdb.database.query<{ name: string }>("select current_database() as name");
    const role = `${at?.name}_writer`;
    await imdb.database.execute(
      `create role ${role}; grant all on all tables in schema public to ${role}; grant temporary on database ${at?.name} to ${role}`,
    );
    const asWriter: Database["transaction"] = (work) =>
      imdb.database.transaction(async (tx) => {
        await tx.execute(`set local role ${role}`);
        return work(tx);
      });
    await keepRatings("2020-01-01", [1, "5.8", 100]);
    expect(await imdb.load({ database: { ...imdb.database, transaction: asWriter } })).toMatchObject({ rowsOut: 1 });
    expect(await history()).toHaveLength(1);
    await imdb.database.execute(`drop owned by ${role}; drop role ${role}`);
  });

  it("are loaded while somebody reads the table for long", async () => {
    await keepRatings("2020-01-01", [1, "5.8", 100], [2, "6.4", 12]);
    await imdb.database.transaction(async (reader) => {
      expect(await reader.query("select from imdb_ratings")).toEqual([]);
      expect(await imdb.load()).toMatchObject({ rowsOut: 2 });
    });
    expect(await history()).toHaveLength(2);
  });

  it("take nothing of a file that is cut off", async () => {
    const whole = gzipSync(`tconst\taverageRating\tnumVotes\n${`${tt(1)}\t5.0\t60\n`.repeat(20_000)}`);
    await imdb.keepGzipped("title.ratings", whole.subarray(0, whole.length / 2));
    await expect(imdb.load()).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    expect(await imdb.count("imdb_ratings")).toBe(0);
  });
});

describe("the quality gate of a file", () => {
  const days = (day: string, titles: number) =>
    keepRatings(day, ...Array.from({ length: titles }, (_, i): [number, string, number] => [i + 1, "6.0", titles]));

  it("refuses one that has lost most of its rows, keeps yesterday's, goes on with the next, and heeds an acceptance", async () => {
    await days("2020-01-01", 1_000);
    await imdb.load();
    await days("2020-01-02", 100);
    await days("2020-01-03", 999);
    const result = await imdb.load();
    expect(filesOf(result)).toEqual([
      { file: "title.ratings", rows: 0, changed: 0, quarantined: 0, refused: expect.stringContaining("rows is 100") },
      { file: "title.ratings", rows: 999, changed: 999, quarantined: 0 },
    ]);
    expect(await imdb.database.query("select distinct votes from imdb_ratings order by 1")).toEqual([
      { votes: 999 },
      { votes: 1_000 },
    ]);
    expect(await imdb.database.query("select status, reason from archive_loads where status = 'refused'")).toEqual([
      { status: "refused", reason: expect.stringContaining("rows is 100") },
    ]);
    const [run] = await imdb.database.query<{ run_id: string }>(
      "select run_id from quality_checks where verdict = 'stop'",
    );
    // Not tried again by itself.
    expect((await imdb.load()).rowsIn).toBe(0);
    await acceptRun(imdb.context, run?.run_id ?? "", "ann", "IMDb has removed what was doubtful");
    expect(filesOf(await imdb.load())).toMatchObject([{ rows: 100, changed: 100 }]);
    expect(await imdb.count("imdb_ratings")).toBe(1_000 + 100 + 999);
  });
});

describe("a file that is not of IMDb's form", () => {
  it("is refused and keeps no later one from being loaded, until a person has it tried again", async () => {
    await imdb.keepGzipped("title.ratings", gzipSync(`tconst\tscore\tnumVotes\n${tt(1)}\t5.0\t60\n`), "2020-01-01");
    await keepRatings("2020-01-02", [1, "5.8", 100]);
    await imdb.keepGzipped("title.crew", gzipSync(`tconst\tdirectors\n${tt(1)}\t\\N\n`));
    const refused = { rows: 0, changed: 0, refused: expect.stringContaining("no column averageRating; it has tconst") };
    expect(filesOf(await imdb.load())).toMatchObject([
      { file: "title.ratings", ...refused },
      { file: "title.ratings", changed: 1 },
      { file: "title.crew", refused: expect.stringContaining("no column writers") },
    ]);
    expect(await history()).toEqual([{ n: 1, day: "2020-01-02", average: 5.8, votes: 100 }]);
    expect(filesOf(await imdb.load())).toEqual([]);
    const [run] = await imdb.database.query<{ run_id: string }>(
      "select distinct run_id from quality_checks where verdict = 'stop' and subject = 'title.ratings'",
    );
    await acceptRun(imdb.context, run?.run_id ?? "", "ann", "this version can read it");
    expect(filesOf(await imdb.load())).toMatchObject([{ file: "title.ratings", ...refused }, { file: "title.crew" }]);
  });
});

const wholeFile = findInput("data/imdb/title.ratings.2017-10-29.tsv.gz", "tests on IMDb's own ratings");
describe.skipIf(wholeFile === undefined)("IMDb's own ratings", () => {
  it("hold 775,956 ratings on one day, of which another day adds what has moved alone", async () => {
    const path = wholeFile ?? "";
    await imdb.keepFile("title.ratings", path, "2017-10-29");
    expect(await imdb.load()).toMatchObject({ rowsIn: 775_956, rowsOut: 775_956 });
    await imdb.database.execute("update imdb_ratings set votes = votes + 1 where imdb_number % 1000 = 1");
    const [moved] = await imdb.database.query<{ n: number }>(
      "select count(*)::integer as n from imdb_ratings where imdb_number % 1000 = 1",
    );
    imdb.setTime("2020-02-01T12:00:00Z");
    await imdb.keepFile("title.ratings", path, "2017-10-30");
    expect(await imdb.load()).toMatchObject({ rowsIn: 775_956, rowsOut: moved?.n });
  });
});
