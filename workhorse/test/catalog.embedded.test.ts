import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { RATING_COLUMNS } from "@marquee/shared/features/film-views";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Archive } from "../src/archive/archive.ts";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { buildFeatures } from "../src/feature-store/build-features.ts";
import { loadFilms } from "../src/feature-store/load-films.ts";
import { loadTrainingSet } from "../src/feature-store/training-set.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { type CatalogHarness, imdbId, openCatalogHarness, tombstone } from "./catalog-harness.ts";

let harness: CatalogHarness;
let database: TestDatabase;
let archive: Archive;
let context: TaskContext;
let storeFilms: CatalogHarness["storeFilms"];

beforeEach(async () => {
  harness = await openCatalogHarness();
  ({ database, archive, context, storeFilms } = harness);
});
afterEach(() => harness.close());

describe("the catalog", () => {
  it("holds what the archive says, and loading again changes nothing", async () => {
    await storeFilms("page-1", { id: 1, date: "2010-01-01" }, { id: 2, date: "2011-01-01" });
    await harness.ratings([1, "7.5", "100"], [2, "6.0", "200"]);
    await harness.basics([1, "2010", '"F"\\1']);
    const first = await loadCatalog(context, archive);
    expect(first.detail).toMatchObject({ films: 2, rated: 2, ratings: 4, quarantined: 0 });
    const again = await loadCatalog(context, archive);
    expect(again).toMatchObject({ rowsIn: 0, detail: { hash: first.detail.hash, links: { changed: 0 } } });
    expect(await database.query("select primary_title, start_year, runtime_minutes from imdb_titles")).toEqual([
      { primary_title: '"F"\\1', start_year: 2010, runtime_minutes: null },
    ]);
    expect(
      await database.query("select source, average, votes, observed_on from ratings order by 1, source_id"),
    ).toEqual([
      { source: "imdb", average: 7.5, votes: 100, observed_on: "2019-12-30" },
      { source: "imdb", average: 6, votes: 200, observed_on: "2019-12-30" },
      { source: "tmdb", average: 7.1, votes: 12, observed_on: "2020-01-01" },
      { source: "tmdb", average: 7.1, votes: 12, observed_on: "2020-01-01" },
    ]);
  });

  it("replaces a changed film with all that hangs on it", async () => {
    await storeFilms("page-1", { id: 1, date: "2010-01-01", director: 1 });
    await loadCatalog(context, archive);
    await storeFilms("page-2", { id: 1, date: "2010-01-02", director: 2 });
    await loadCatalog(context, archive);
    expect(
      await database.query(
        "select release_date, person_id from movies join credits using (tmdb_id) where job = 'Director'",
      ),
    ).toEqual([{ release_date: "2010-01-02", person_id: 2 }]);
  });

  it("keeps texts as they are, whatever COPY thinks of their characters", async () => {
    const title = 'A\\N \t\r\n\\. "quoted" film, \\';
    await storeFilms("page-1", { id: 1, date: "2010-01-01", title, overview: "\\N", tagline: "\u0000x\ud83d" });
    await loadCatalog(context, archive);
    expect(await database.query("select title, overview, tagline from movies")).toEqual([
      { title, overview: "\\N", tagline: "x\ufffd" },
    ]);
  });

  it("keeps countries and keywords, whatever their characters", async () => {
    const names = ['a "quoted", word', "back\\slash\t{}", "NULL", "été"];
    await storeFilms("page-1", {
      ...{ id: 1, date: "2010-01-01" },
      production_countries: [{ iso_3166_1: "US" }, { iso_3166_1: "??" }, "no object", { iso_3166_1: "FR" }],
      keywords: { keywords: names.map((name, id) => ({ id, name })) },
    });
    await storeFilms("page-2", { id: 2, date: "2010-01-01", production_countries: [], keywords: "none" });
    await loadCatalog(context, archive);
    expect(await database.query("select countries, keywords from movies order by tmdb_id")).toEqual([
      { countries: ["US", "FR"], keywords: [...names].sort() },
      { countries: null, keywords: null },
    ]);
  });

  it("fills in what an earlier release did not keep of a body that has not changed since", async () => {
    await storeFilms("page-1", {
      ...{ id: 1, date: "2010-01-01", production_countries: [{ iso_3166_1: "US" }] },
      keywords: { keywords: [{ id: 7, name: "heist" }] },
    });
    const first = await loadCatalog(context, archive);
    await database.execute("update movies set countries = null, keywords = null");
    await database.execute("delete from archive_loads");
    const again = await loadCatalog(context, archive);
    expect(await database.query("select countries, keywords from movies")).toEqual([
      { countries: ["US"], keywords: ["heist"] },
    ]);
    expect(again.detail.hash).toBe(first.detail.hash);
  });

  it("has the same hash whatever way it was loaded", async () => {
    for (const id of [1, 2, 3]) {
      await storeFilms(`page-${id}`, { id, date: `201${id}-01-01` });
      await loadCatalog(context, archive);
    }
    const piecemeal = await catalogHash(database);
    const other = await createTestDatabase();
    await loadCatalog({ ...context, database: other }, archive);
    expect(await catalogHash(other)).toBe(piecemeal);
    await other.execute("update movies set overview = 'other' where tmdb_id = 3");
    expect(await catalogHash(other)).not.toBe(piecemeal);
    await other.close();
  });

  it("keeps the good rows and quarantines the bad ones with their reasons", async () => {
    await storeFilms("page-1", { id: 1, date: "2010-01-01", title: "" }, { id: 2, date: "2011-01-01" });
    await harness.ratings([1, "11.0", "100"], [2, "6.0", "many"], [3, "6.0", "10"]);
    const { detail } = await loadCatalog(context, archive);
    expect(detail).toMatchObject({ films: 1, quarantined: 3 });
    expect(await database.query("select source, source_id, detail from quarantine order by source, source_id")).toEqual(
      [
        { source: "imdb", source_id: imdbId(1), detail: "averageRating is no number from 0 to 10" },
        { source: "imdb", source_id: imdbId(2), detail: "numVotes is no whole number" },
        { source: "tmdb", source_id: "1", detail: expect.stringContaining("title") },
      ],
    );
  });

  it("takes nothing of a file that breaks off in the middle, and all of it once it is whole", async () => {
    const whole = gzipSync(
      `tconst\taverageRating\tnumVotes\n${Array.from({ length: 20_000 }, (_, i) => `${imdbId(i)}\t5.0\t60`).join("\n")}\n`,
    );
    const path = join(harness.folder, "cut.gz");
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    // Counted already, or the archive itself would find it broken.
    const fetch = {
      source: "imdb",
      name: "title.ratings",
      path,
      observedAt: harness.clock.now(),
      rows: 20_000,
    } as const;
    await archive.storeFile(fetch);
    await expect(loadCatalog(context, archive)).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    expect(await database.query("select count(*)::integer as n from ratings")).toEqual([{ n: 0 }]);
  });
});

describe("the feature store", () => {
  const column = (name: string) => RATING_COLUMNS.findIndex((candidate) => candidate.name === name);

  beforeEach(async () => {
    const films = [
      { id: 1, date: "2010-01-01" },
      { id: 2, date: "2011-01-01" },
      { id: 3, date: "2019-12-20" },
      { id: 4, date: "2020-06-01" },
    ];
    await storeFilms("page-1", ...films);
    await harness.ratings([1, "8.0", "100"], [2, "6.0", "49"], [3, "9.0", "500"]);
    await loadCatalog(context, archive);
    await buildFeatures(context, { maturityDays: 0 });
  });

  it("loads of each film what was announced, and apart from it what came later", async () => {
    const crew = [
      { id: 5, name: "Ann Score", credit_id: "m1", department: "Sound", job: "Original Music Composer" },
      { id: 6, name: "Ann Edit", credit_id: "m2", department: "Sound", job: "Music Editor" },
      { id: 7, name: "Ann Song", credit_id: "m3", department: "Sound", job: "Music" },
    ];
    await storeFilms("page-2", {
      ...{ id: 1, date: "2010-01-01", overview: "A plot.", tagline: "Now.", revenue: 9_000_000 },
      production_countries: [{ iso_3166_1: "FR" }],
      keywords: { keywords: [{ id: 1, name: "heist" }] },
      credits: { cast: [], crew },
    });
    await loadCatalog(context, archive);
    const [first, second] = await loadFilms(database);
    expect(first?.facts).toMatchObject({
      ...{ title: "Film 1", overview: "A plot.", tagline: "Now.", countries: ["FR"], composerIds: [5, 7] },
      ...{ directorIds: undefined, castIds: undefined },
    });
    expect(first?.later).toEqual({
      observed: { rating: 8, votes: 100 },
      keywords: ["heist"],
      revenueUsd: 9_000_000,
    });
    expect(second?.facts).toMatchObject({ overview: undefined, countries: undefined, composerIds: undefined });
    expect(second?.later).toMatchObject({ keywords: undefined, revenueUsd: undefined });
  });

  it.each([
    // Film 2 has too few votes; film 3 is out for 12 days, which is not yet its event time where that is 30 days later.
    { maturityDays: 0, films: [0, 1, 1, 2], climate: [6.5, 8, 8, 8.5] },
    { maturityDays: 30, films: [0, 1, 1, 1], climate: [6.5, 8, 8, 8] },
  ])(
    "builds each film's features as of the earlier of its release and today, from outcomes $maturityDays days after release",
    async ({ maturityDays, films, climate }) => {
      await buildFeatures(context, { maturityDays });
      const rows = await database.query<{ tmdb_id: number; as_of: string; values: number[] }>(
        'select tmdb_id, as_of, "values" from feature_movies order by 1',
      );
      expect(rows.map(({ as_of }) => as_of)).toEqual(["2010-01-01", "2011-01-01", "2019-12-20", "2020-01-01"]);
      const count = (values: number[]) => Math.round(Math.expm1(values[column("director_films")] ?? Number.NaN));
      expect(rows.map(({ values }) => count(values))).toEqual(films);
      expect(rows.map(({ values }) => values[column("climate_mean")])).toEqual(climate);
    },
  );

  it("leaves out films that TMDB has deleted and those whose year is in doubt, also for training", async () => {
    await storeFilms("page-2", tombstone(1));
    await harness.basics([2, "1911"]);
    await loadCatalog(context, archive);
    expect((await loadTrainingSet(context)).rows).toEqual([]);
    await buildFeatures(context, { maturityDays: 0 });
    expect(await database.query("select tmdb_id from feature_movies order by 1")).toEqual([
      { tmdb_id: 3 },
      { tmdb_id: 4 },
    ]);
  });

  it("gives training the mature films alone", async () => {
    const set = await loadTrainingSet(context);
    expect(set.rows.map(({ tmdbId, rating, votes }) => [tmdbId, rating, votes])).toEqual([[1, 8, 100]]);
    expect(set.hash).toBe((await loadTrainingSet(context)).hash);
  });
});
