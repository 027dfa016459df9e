import type { TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { type CatalogHarness, type FilmOptions, imdbId, openCatalogHarness } from "./catalog-harness.ts";

let harness: CatalogHarness;
let database: TestDatabase;

beforeEach(async () => {
  harness = await openCatalogHarness();
  ({ database } = harness);
});
afterEach(() => harness.close());

const load = async () => (await loadCatalog(harness.context, harness.archive)).detail.links;
const links = () =>
  database.query(
    "select tmdb_id, imdb_number - 1000000 as title, imdb_link as how, imdb_link_score as score from movies order by 1",
  );
const conflicts = () =>
  database.query("select tmdb_id, imdb_number - 1000000 as title, kind, detail from link_conflicts order by 1, 3");
const noLink = { title: null, how: null, score: null };

/** TMDB's film without a word of an IMDb id. */
const nameless = (id: number, fields: Partial<FilmOptions> = {}) => ({
  ...{ id, date: "2010-06-01", imdb_id: null, ...fields },
});
/** Who directed which titles. */
async function crew(...rows: [id: number, person: number, name: string][]): Promise<void> {
  const nm = (person: number) => `nm${String(person).padStart(7, "0")}`;
  await harness.storeFile(
    "title.crew",
    rows.map(([id, person]) => `${imdbId(id)}\t${nm(person)}\t\\N`),
  );
  await harness.storeFile(
    "name.basics",
    rows.map(([, person, name]) => `${nm(person)}\t${name}\t\\N\t\\N\tdirector\t\\N`),
  );
}

describe("a film with an external id", () => {
  it("is the title that IMDb's files have under it, and a second run writes nothing", async () => {
    await harness.storeFilms(
      "page",
      { id: 1, date: "2010-01-01" },
      { id: 2, date: "2010-01-01" },
      { id: 3, date: "2010-01-01" },
    );
    await harness.basics([1, "2010"]);
    await harness.ratings([2, "7.0", "100"]);
    expect(await load()).toEqual({ external: 2, searched: 0, conflicts: 0, changed: 2 });
    expect(await links()).toEqual([
      { tmdb_id: 1, title: 1, how: "external_id", score: 1 },
      { tmdb_id: 2, title: 2, how: "external_id", score: 1 },
      { tmdb_id: 3, ...noLink },
    ]);
    expect(await load()).toMatchObject({ changed: 0 });
  });

  it("is that title as long as IMDb's titles are not loaded", async () => {
    await harness.storeFilms("page", { id: 1, date: "2010-01-01" });
    expect(await load()).toMatchObject({ external: 1 });
  });

  it.each([
    ["whose title it has", { title: "Heat" }, { title: "The Insider" }],
    ["whose year it has", { date: "2010-05-05" }, { date: "2012-05-05" }],
    ["with the lowest id", {}, {}],
  ])("that another has too is the one %s", async (_what, first, second) => {
    for (const [a, b] of [
      [1, 2],
      [2, 1],
    ] as const) {
      if (Object.keys(first).length === 0 && a === 2) continue;
      await harness.storeFilms(
        `page-${a}`,
        { id: a, date: "2010-01-01", title: "Heat", imdb_id: imdbId(7), ...first },
        { id: b, date: "2010-01-01", title: "Heat", imdb_id: imdbId(7), ...second },
      );
      await harness.basics([7, "2010", "Heat"]);
      await load();
      expect(await database.query("select tmdb_id from movies where imdb_number is not null")).toEqual([
        { tmdb_id: a },
      ]);
      expect(await conflicts()).toEqual([
        { tmdb_id: b, title: 7, kind: "taken", detail: `TMDB names tt1000007 for film ${a} too, which fits better` },
      ]);
      harness.clock.set("2020-01-02T12:00:00Z");
    }
  });

  it("whose years cannot both be right has no link and goes to the quarantine, until one source mends it", async () => {
    await harness.storeFilms("page", { id: 1, date: "2015-02-08" }, { id: 2, date: "2012-01-01" });
    await harness.basics([1, "1915"], [2, "2010"]);
    await load();
    const detail = "TMDB says released 2015-02-08, IMDb (tt1000001) says 1915";
    expect(await conflicts()).toEqual([{ tmdb_id: 1, title: 1, kind: "year", detail }]);
    expect(await database.query("select source_id, reason, detail from quarantine")).toEqual([
      { source_id: "1", reason: "release_year_conflict", detail },
    ]);
    expect(await links()).toEqual([
      { tmdb_id: 1, ...noLink },
      { tmdb_id: 2, title: 2, how: "external_id", score: 1 },
    ]);
    harness.clock.set("2020-01-02T12:00:00Z");
    await harness.storeFilms("page-2", { id: 1, date: "1915-02-08" });
    await load();
    expect([await conflicts(), await database.query("select 1 from quarantine")]).toEqual([[], []]);
    expect(await links()).toMatchObject([{ title: 1 }, { title: 2 }]);
  });
});

describe("a film without an external id", () => {
  it("is the title with its name, year and director, however they are spelt", async () => {
    await harness.storeFilms("page", nameless(1, { title: "Amélie & the Café", director: 5 }));
    await harness.basics([8, "2011", "AMELIE AND THE CAFE"], [9, "2010", "Another Film"]);
    await crew([8, 3, "DIRECTOR  5"]);
    expect(await load()).toMatchObject({ searched: 1, conflicts: 0 });
    expect(await links()).toEqual([{ tmdb_id: 1, title: 8, how: "title_year_director", score: expect.closeTo(0.95) }]);
    expect(await load()).toMatchObject({ changed: 0 });
  });

  it("is found by another of the title's names", async () => {
    await harness.storeFilms("page", nameless(1, { title: "Spirited Away" }));
    await harness.basics([8, "2010", "Sen to Chihiro"]);
    await harness.storeFile("title.akas", [`${imdbId(8)}\t1\tSpirited Away\tUS\ten\t\\N\t\\N\t0`]);
    await crew([8, 3, "Director 1"]);
    await load();
    expect(await links()).toMatchObject([{ title: 8, how: "title_year_director" }]);
  });

  it("whose external id IMDb does not have is looked for too", async () => {
    await harness.storeFilms("page", { id: 1, date: "2010-06-01", imdb_id: "tt9999999" });
    await harness.basics([8, "2010", "Film 1"]);
    await load();
    expect(await links()).toMatchObject([{ title: 8 }]);
  });

  it.each([
    ["another year", "2012", "Director 1"],
    ["another director", "2010", "Somebody Else"],
  ])("is not a title of the same name with %s", async (_what, year, director) => {
    await harness.storeFilms("page", nameless(1));
    await harness.basics([8, year, "Film 1"]);
    await crew([8, 3, director]);
    expect(await load()).toMatchObject({ searched: 0, conflicts: 0 });
  });

  it("that may be several titles is none of them, and a person may look", async () => {
    await harness.storeFilms("page", nameless(1));
    await harness.basics([8, "2010", "Film 1"], [9, "2010", "Film 1"]);
    await load();
    expect(await links()).toEqual([{ tmdb_id: 1, ...noLink }]);
    expect(await conflicts()).toEqual([
      {
        ...{ tmdb_id: 1, title: 8, kind: "ambiguous" },
        detail: "tt1000008 Film 1 (2010) 0.85, tt1000009 Film 1 (2010) 0.85",
      },
    ]);
    harness.clock.set("2020-01-02T12:00:00Z");
    await crew([9, 3, "Director 1"], [8, 4, "Somebody Else"]);
    await load();
    expect([await links(), await conflicts()]).toMatchObject([[{ title: 9 }], []]);
  });

  it.each([
    ["by its external id", { imdb_id: imdbId(8), date: "2010-06-01" }],
    ["as the better match", { title: "Film 1", date: "2010-06-01", imdb_id: null }],
  ])("is no title that another film has %s", async (_what, other) => {
    await harness.storeFilms("page", nameless(1, { date: "2011-06-01" }), { id: 2, ...other });
    await harness.basics([8, "2010", "Film 1"]);
    await crew([8, 3, "Director 1"]);
    await load();
    expect(await links()).toMatchObject([
      { tmdb_id: 1, title: null },
      { tmdb_id: 2, title: 8 },
    ]);
    expect(await conflicts()).toEqual([
      { tmdb_id: 1, title: 8, kind: "taken", detail: "tt1000008 Film 1 (2010) 0.95 is film 2 at TMDB" },
    ]);
  });
});
