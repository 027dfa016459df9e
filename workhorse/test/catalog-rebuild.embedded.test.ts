import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { rebuildCatalog } from "../src/catalog/rebuild-catalog.ts";
import { type CatalogHarness, openCatalogHarness, tombstone } from "./catalog-harness.ts";

let harness: CatalogHarness;

beforeEach(async () => {
  harness = await openCatalogHarness();
  for (const [day, title] of [
    ["02", "First"],
    ["03", "Second"],
  ] as const) {
    harness.clock.set(`2020-01-${day}T12:00:00Z`);
    await harness.storeFilms(
      "page",
      { id: 1, date: "2010-01-01", title, vote_count: Number(day) },
      { id: 2, date: "2011-01-01", title: day === "02" ? "Gone" : "" },
      ...(day === "02" ? [{ id: 3, date: "2012-01-01" }] : [tombstone(3)]),
    );
    await harness.ratings([1, `7.${Number(day)}`, "100"], [2, "11.0", "9"]);
    await harness.basics([1, "2010", title], [2, "1911"], [3, "2012"]);
    await loadCatalog(harness.context, harness.archive);
  }
});
afterEach(() => harness.close());

const rebuild = (changes = {}) => rebuildCatalog({ ...harness.context, ...changes }, harness.archive);
const schemas = () => harness.database.query("select 1 from pg_namespace where nspname = 'catalog_rebuild'");

describe("a rebuild from the archive", () => {
  it("comes to the same catalog, and leaves what it used behind nowhere", async () => {
    const before = await harness.database.query("select * from movies order by 1");
    const fields = await harness.database.query("select * from source_fields order by 1, 2");
    const { detail } = await rebuild();
    expect(detail).toMatchObject({ equal: true, changedRows: 0, hash: detail.hashBefore });
    expect(await harness.database.query("select * from movies order by 1")).toEqual(before);
    expect(await harness.database.query("select * from source_fields order by 1, 2")).toEqual(fields);
    expect(await schemas()).toEqual([]);
    expect((await loadCatalog(harness.context, harness.archive)).rowsIn).toBe(0);
  });

  it("brings back what was lost, changed or made up", async () => {
    const hash = await catalogHash(harness.database);
    await harness.database.execute(
      `update movies set title = 'Other', fetched_at = now() where tmdb_id = 1;
       delete from credits where tmdb_id = 1;
       delete from movies where tmdb_id = 2;
       delete from quarantine; delete from imdb_ratings; delete from archive_loads;
       insert into movies (tmdb_id, title, payload_sha256) values (99, 'Made up', 'hash');
       insert into people values (99, 'Made up');
       insert into credits values (99, 'x', 99, 'Directing', 'Director', null)`,
    );
    const { detail } = await rebuild();
    expect(detail).toMatchObject({ equal: false, hash });
    expect(await catalogHash(harness.database)).toBe(hash);
    expect((await loadCatalog(harness.context, harness.archive)).rowsIn).toBe(0);
  });

  it("keeps features and predictions of films that are the same", async () => {
    await harness.database.execute(
      `insert into feature_movies (tmdb_id, as_of, views_hash, "values") values (1, '2010-01-01', 'v', '{1}')`,
    );
    await rebuild();
    expect(await harness.database.query("select tmdb_id from feature_movies")).toEqual([{ tmdb_id: 1 }]);
  });

  it("that is interrupted leaves the old catalog, and the next one is none the worse", async () => {
    const abort = new AbortController();
    const interrupted = rebuild({ signal: abort.signal, onProgress: () => abort.abort() });
    await expect(interrupted).rejects.toThrow(/abort/i);
    expect(await schemas()).toEqual([]);
    await harness.database.execute(
      "create schema catalog_rebuild; create table catalog_rebuild.movies (left_over integer)",
    );
    expect((await rebuild()).detail).toMatchObject({ equal: true });
  });

  it("does not take over what a crash of the server has emptied", async () => {
    const hash = await catalogHash(harness.database);
    // PostgreSQL empties tables that are not logged, and the next connection finds them so.
    let emptied: Promise<number> | undefined;
    const onProgress = () => {
      emptied ??= harness.database.execute("truncate catalog_rebuild.whole");
    };
    await expect(rebuild({ onProgress })).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await emptied;
    expect(await catalogHash(harness.database)).toBe(hash);
  });

  it("shows the old catalog to others until the new one is whole", async () => {
    await harness.database.execute("update movies set title = 'In use' where tmdb_id = 1");
    const seen: unknown[] = [];
    const looks: Promise<void>[] = [];
    const look = async () => {
      seen.push(
        ...(await harness.database.query(
          "select title, (select count(*)::integer from credits) as credits from movies where tmdb_id = 1",
        )),
      );
    };
    await rebuild({ onProgress: () => looks.push(look()) });
    await Promise.all(looks);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"title":"In use","credits":6}']));
  });

  it("leaves refused what the quality gate refused", async () => {
    await harness.database.execute(
      "update archive_loads set status = 'refused', reason = 'too few rows' where manifest_key like '%2020-01-03/title.basics-%'",
    );
    await rebuild();
    expect(await harness.database.query("select primary_title from imdb_titles where imdb_number = 1000001")).toEqual([
      { primary_title: "First" },
    ]);
    expect(await harness.database.query("select reason from archive_loads where status = 'refused'")).toEqual([
      { reason: "too few rows" },
    ]);
  });
});
