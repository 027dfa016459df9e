import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadTmdb } from "../src/catalog/load-tmdb.ts";
import { createSeededRandom, type SeededRandom } from "../src/training/seeded-random.ts";
import { type CatalogHarness, openCatalogHarness, tombstone } from "./catalog-harness.ts";

let harness: CatalogHarness;
let database: TestDatabase;
const load = () => loadTmdb(harness.context, harness.archive);

beforeEach(async () => {
  harness = await openCatalogHarness();
  ({ database } = harness);
});
afterEach(() => harness.close());

/** A fetch of this day. */
async function fetched(day: string, ...films: Parameters<CatalogHarness["storeFilms"]>[1][]): Promise<void> {
  harness.clock.set(`2020-01-${day}T12:00:00Z`);
  await harness.storeFilms("films", ...films);
}
const one = { id: 1, date: "2010-01-01" };

/** Loads what there is, the fetches of this day only after all others. */
async function loadLast(day: string): Promise<void> {
  const keys = await Array.fromAsync(harness.archive.keys("tmdb"));
  const late = keys.filter((key) => key.includes(`/2020-01-${day}/`));
  await database.execute(
    "insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at) select key, 0, 0, 0, $2 from unnest($1::text[]) key",
    [late, harness.clock.now()],
  );
  await load();
  await database.execute("delete from archive_loads where manifest_key = any($1)", [late]);
  await load();
}

describe("films over the days", () => {
  it("are what was fetched last, also where an older fetch comes late", async () => {
    await fetched("02", {
      ...one,
      title: "Old",
      credits: { cast: [{ id: 50, name: "Old", credit_id: "a", order: 0 }] },
    });
    await fetched("03", { ...one, title: "New" });
    await loadLast("02");
    expect(await database.query("select title, fetched_at, manifest_key from movies")).toEqual([
      {
        title: "New",
        fetched_at: new Date("2020-01-03T12:00:00Z"),
        manifest_key: expect.stringContaining("/2020-01-03/"),
      },
    ]);
    expect(await database.query("select name from people where person_id = 50")).toEqual([{ name: "Ann Actor" }]);
    expect(await database.query("select count(*)::integer as credits from credits")).toEqual([{ credits: 2 }]);
  });

  it("that are fetched unchanged are no change, and known to be as of then", async () => {
    await fetched("02", one);
    await load();
    await fetched("03", one, { id: 2, date: "2011-01-01" });
    expect((await load()).detail).toEqual({ films: 2, changed: 1, deleted: 0, refused: 0 });
    expect(await database.query("select fetched_at from movies where tmdb_id = 1")).toEqual([
      { fetched_at: new Date("2020-01-03T12:00:00Z") },
    ]);
  });

  it("that TMDB has deleted stay, marked with the day on which that was first seen", async () => {
    await fetched("02", one);
    await fetched("03", tombstone(1), tombstone(99));
    expect((await load()).detail).toMatchObject({ deleted: 1, refused: 0 });
    await fetched("04", tombstone(1));
    expect((await load()).detail).toMatchObject({ deleted: 0, refused: 0 });
    expect(await database.query("select tmdb_id, deleted_at from movies")).toEqual([
      { tmdb_id: 1, deleted_at: new Date("2020-01-03T12:00:00Z") },
    ]);
    expect(await database.query("select count(*)::integer as credits from credits")).toEqual([{ credits: 2 }]);
  });

  it("that come back are no more marked, and an older body does not bring one back", async () => {
    await fetched("02", one);
    await fetched("03", tombstone(1));
    await loadLast("02");
    // Deleted before it was known.
    expect(await database.query("select deleted_at from movies")).toEqual([
      { deleted_at: new Date("2020-01-03T12:00:00Z") },
    ]);
    await fetched("05", one);
    expect((await load()).detail).toMatchObject({ changed: 1 });
    expect(await database.query("select deleted_at from movies")).toEqual([{ deleted_at: null }]);
    await fetched("06", tombstone(1));
    await fetched("07", { ...one, title: "Back" });
    await loadLast("06");
    expect(await database.query("select title, deleted_at from movies")).toEqual([{ title: "Back", deleted_at: null }]);
  });

  it("that are gone are as their last body says, also where that is loaded late", async () => {
    await fetched("02", { ...one, title: "First" });
    await fetched("03", { ...one, title: "Last" });
    await fetched("04", tombstone(1));
    await fetched("05", tombstone(1));
    await loadLast("03");
    expect(await database.query("select title, fetched_at, deleted_at is null as there from movies")).toEqual([
      { title: "Last", fetched_at: new Date("2020-01-03T12:00:00Z"), there: false },
    ]);
  });

  it("give people their newest name, whoever mentions it", async () => {
    const named = (name: string) => ({ credits: { cast: [{ id: 50, name, credit_id: "a", order: 0 }] } });
    await fetched("02", { ...one, ...named("Elliot") });
    await load();
    await fetched("03", { id: 2, date: "2011-01-01", ...named("Elliot Page") });
    await load();
    expect(await database.query("select name from people where person_id = 50")).toEqual([{ name: "Elliot Page" }]);
  });

  it("have a rating of TMDB's for each day on which it was another", async () => {
    for (const [day, votes] of [
      ["02", 12],
      ["03", 12],
      ["04", 13],
      ["05", 13],
    ] as const) {
      await fetched(day, { ...one, vote_count: votes });
      if (day === "03") await load();
    }
    await load();
    expect(await database.query("select observed_on, votes from tmdb_ratings order by 1")).toEqual([
      { observed_on: "2020-01-02", votes: 12 },
      { observed_on: "2020-01-04", votes: 13 },
    ]);
  });

  it("come to the same catalog in batches of any size", async () => {
    const other = await createTestDatabase();
    try {
      for (let day = 1; day <= 9; day += 1) {
        const films = [1, 2, 3, 4].filter((id) => (id + day) % 3 !== 0).map((id) => changing(id, day));
        await fetched(`0${day}`, ...films);
        if (day % 4 === 0) await load();
      }
      await load();
      await loadTmdb({ ...harness.context, database: other }, harness.archive);
      expect(await catalogHash(other)).toBe(await catalogHash(database));
      const [{ films, deleted } = {}] = await other.query<{ films?: number; deleted?: number }>(
        "select count(*)::integer as films, count(deleted_at)::integer as deleted from movies",
      );
      expect({ films, deleted }).toEqual({ films: 4, deleted: 1 });
    } finally {
      await other.close();
    }
  });

  it.each([1, 2, 3])("come to the same catalog in whatever order their fetches are loaded (order %i)", async (seed) => {
    const random = createSeededRandom(seed);
    for (let day = 1; day <= 9; day += 1)
      await fetched(`0${day}`, ...[1, 2, 3].flatMap((id) => anyFilm(id, day, random)));
    await load();
    const other = await createTestDatabase();
    try {
      const keys = (await Array.fromAsync(harness.archive.keys("tmdb"))).map((key) => ({ key, place: random.next() }));
      await loadInOrder(
        other,
        keys.toSorted((a, b) => a.place - b.place).map(({ key }) => key),
      );
      expect(await filmsAndNames(other)).toEqual(await filmsAndNames(database));
      expect(await catalogHash(other)).toBe(await catalogHash(database));
    } finally {
      await other.close();
    }
  });
});

/** Loads what there is one fetch at a time, in this order. */
async function loadInOrder(into: TestDatabase, keys: readonly string[]): Promise<void> {
  for (const [i, key] of keys.entries()) {
    const later = keys.slice(i + 1);
    await into.execute(
      "insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at) select key, 0, 0, 0, $2 from unnest($1::text[]) key",
      [later, harness.clock.now()],
    );
    await loadTmdb({ ...harness.context, database: into }, harness.archive);
    const [loaded] = await into.query("select 1 from archive_loads where manifest_key = $1", [key]);
    expect(loaded).toBeDefined();
    await into.execute("delete from archive_loads where manifest_key = any($1)", [later]);
  }
}

/** A film that is another on each day, and gone on some. */
function changing(id: number, day: number) {
  if ((id + day) % 5 === 0) return tombstone(id);
  const cast = [{ id: 50 + (day % 2), name: `Name of day ${day}`, credit_id: `a${id}`, order: 0 }];
  return { id, date: `2010-01-0${(day % 3) + 1}`, vote_count: Math.floor(day / 2) + 1, credits: { cast } };
}

/** A film with some of four people and two companies, all of whom have another name each day; or gone, or not fetched. */
function anyFilm(id: number, day: number, random: SeededRandom): Parameters<CatalogHarness["storeFilms"]>[1][] {
  const what = random.next();
  if (what < 0.3) return what < 0.1 ? [] : [tombstone(id)];
  const some = (ids: number[]) => ids.filter(() => random.next() < 0.4);
  const named = (number: number) => ({ id: number, name: `${number} as of day ${day}, film ${id}` });
  const cast = some([50, 51, 52, 53]).map((person) => ({ ...named(person), credit_id: `a${person}`, order: 0 }));
  return [
    {
      ...{ id, date: "2010-01-01", title: `Title of day ${day}`, vote_count: day },
      credits: { cast, crew: [] },
      production_companies: some([8, 9]).map(named),
      belongs_to_collection: random.next() < 0.4 ? named(7) : null,
    },
  ];
}

function filmsAndNames(of: TestDatabase): Promise<object[]> {
  return of.query(
    `select 'film' as kind, tmdb_id as id, title as name, deleted_at is null as there from movies
     union all select 'person', person_id, name, null from people
     union all select 'company', company_id, name, null from companies
     union all select 'collection', collection_id, name, null from collections order by 1, 2`,
  );
}
