import type { TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listQuarantine } from "../src/catalog/list-quarantine.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { rebuildCatalog } from "../src/catalog/rebuild-catalog.ts";
import { replayQuarantine } from "../src/catalog/replay-quarantine.ts";
import { bodies, type CatalogHarness, film, imdbId, openCatalogHarness, tombstone } from "./catalog-harness.ts";

let harness: CatalogHarness;
let database: TestDatabase;

beforeEach(async () => {
  harness = await openCatalogHarness();
  ({ database } = harness);
});
afterEach(() => harness.close());

const load = () => loadCatalog(harness.context, harness.archive);
const replay = (filter = {}) => replayQuarantine(harness.context, harness.archive, filter);
const one = { id: 1, date: "2010-01-01" };
const errorBody = {
  path: "/movie/7",
  status: 500,
  body: '{"success":false,"status_code":11,"status_message":"Internal error."}',
};

/** As if yesterday's code had refused what today's takes: film and lines of the file are in the quarantine alone. */
async function refusedBefore(reason = "schema"): Promise<void> {
  await load();
  await database.execute("delete from movies where tmdb_id = 1");
  await database.execute(
    `insert into quarantine (source, source_id, reason, detail, payload, manifest_key, first_seen, last_seen)
     select 'tmdb', '1', $1, 'title: was refused', '{"id": 1}', manifest_key, $2, $2 from archive_loads where manifest_key like '%/tmdb/%'`,
    [reason, harness.clock.now()],
  );
}

describe("the quarantine", () => {
  it("counts by reason, and shows what was refused, whole, a page at a time", async () => {
    const long = "x".repeat(10_000);
    await harness.storeFilms(
      "page",
      { ...one, title: "", overview: long },
      { path: "/movie/5", body: `<html>${long}` },
      errorBody,
    );
    await load();
    const { counts, rows } = await listQuarantine(database, { limit: 2, payload: true });
    expect(counts.map(({ source, reason, rows: count }) => [source, reason, count])).toEqual([
      ["tmdb", "error_body", 1],
      ["tmdb", "not_json", 1],
      ["tmdb", "schema", 1],
    ]);
    expect(rows.map(({ sourceId, reason }) => [sourceId, reason])).toEqual([
      ["7", "error_body"],
      ["5", "not_json"],
    ]);
    expect(rows[1]?.payload).toBe(`<html>${long}`);
    const rest = await listQuarantine(database, { limit: 2, offset: 2 });
    expect(rest.rows).toMatchObject([{ sourceId: "1", timesSeen: 1, manifestKey: expect.stringContaining("/tmdb/") }]);
    expect(rest.rows[0]).not.toHaveProperty("payload");
    expect((await listQuarantine(database, { reason: "schema", source: "tmdb", limit: 9 })).rows).toHaveLength(1);
    expect((await listQuarantine(database, { source: "imdb", limit: 9 })).counts).toEqual([]);
  });

  it("keeps payloads that the database could not hold as they are", async () => {
    await harness.storeFilms("page", {
      path: "/movie/5",
      body: '{"id":5,"a\\u0000b":"\\u0000 \\ud83d \\\\u0000 \\\\\\\\u0000","title":""}',
    });
    await load();
    const [row] = (await listQuarantine(database, { limit: 1, payload: true })).rows;
    expect(row?.payload).toEqual({ id: 5, ab: "  \\u0000 \\\\u0000", title: "" });
  });

  it("counts what is refused again", async () => {
    for (const day of ["02", "03"]) {
      harness.clock.set(`2020-01-${day}T12:00:00Z`);
      await harness.storeFilms("page", { ...one, title: "" });
      await load();
    }
    expect((await listQuarantine(database, { limit: 9 })).rows).toMatchObject([
      { timesSeen: 2, firstSeen: new Date("2020-01-02T12:00:00Z"), lastSeen: new Date("2020-01-03T12:00:00Z") },
    ]);
  });
});

describe("what is replayed", () => {
  it("is in the catalog where it passes now, and the rest is seen once more", async () => {
    await harness.storeFilms("page", one, { id: 2, date: "2011-01-01", title: "" });
    await refusedBefore();
    harness.clock.set("2020-01-02T12:00:00Z");
    expect(await replay()).toMatchObject({ rowsIn: 2, rowsOut: 1, detail: { tmdb: { tried: 2, passed: 1 }, left: 1 } });
    expect(await database.query("select title, imdb_id from movies")).toEqual([
      { title: "Film 1", imdb_id: imdbId(1) },
    ]);
    expect((await listQuarantine(database, { limit: 9 })).rows).toMatchObject([
      { sourceId: "2", timesSeen: 2, lastSeen: new Date("2020-01-02T12:00:00Z") },
    ]);
    expect((await rebuildCatalog(harness.context, harness.archive)).detail).toMatchObject({ equal: true });
  });

  it("is of one source and reason alone where that is asked for", async () => {
    await harness.storeFilms("page", one, errorBody);
    await refusedBefore();
    expect(await replay({ source: "imdb" })).toMatchObject({ rowsIn: 0 });
    expect(await replay({ reason: "error_body" })).toMatchObject({ rowsIn: 1, rowsOut: 0 });
    expect(await database.query("select 1 from movies")).toEqual([]);
    expect(await replay({ source: "tmdb", reason: "schema" })).toMatchObject({ rowsIn: 1, rowsOut: 1 });
  });

  it("is all that was said in several fetches, as a rebuild takes it", async () => {
    const named = (name: string) => ({ credits: { cast: [{ id: 50, name, credit_id: "a", order: 0 }] } });
    for (const [day, body] of [
      ["02", { ...one, vote_count: 2, ...named("Old") }],
      ["03", { ...one, vote_count: 3, title: "" }],
      ["04", { ...one, vote_count: 4, credits: { cast: [] } }],
      ["05", tombstone(1)],
    ] as const) {
      harness.clock.set(`2020-01-${day}T12:00:00Z`);
      await harness.storeFilms("page", body);
    }
    // As yesterday's code left it, which refused every body of the film.
    await database.execute(
      `insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at)
       select key, 1, 0, 1, $2 from unnest($1::text[]) key`,
      [(await Array.fromAsync(harness.archive.keys("tmdb"))).slice(0, 3), harness.clock.now()],
    );
    await database.execute(
      `insert into quarantine (source, source_id, reason, detail, manifest_key, first_seen, last_seen)
       select 'tmdb', '1', 'schema', 'was refused', max(manifest_key), $1, $1 from archive_loads`,
      [harness.clock.now()],
    );
    await load();
    expect(await replay()).toMatchObject({ rowsIn: 1, rowsOut: 0, detail: { left: 1 } });
    expect(await database.query("select title, deleted_at is null as there from movies")).toEqual([
      { title: "Film 1", there: false },
    ]);
    expect(await database.query("select name from people")).toEqual([{ name: "Old" }]);
    expect((await database.query("select votes from tmdb_ratings order by 1")).length).toBe(2);
    expect((await rebuildCatalog(harness.context, harness.archive)).detail).toMatchObject({ equal: true });
  });

  it("never takes the place of what was fetched later", async () => {
    await harness.storeFilms("page", one);
    await refusedBefore();
    harness.clock.set("2020-01-02T12:00:00Z");
    await harness.storeFilms("page", { ...one, title: "Later" });
    await load();
    expect(await replay()).toMatchObject({ rowsOut: 1 });
    expect(await database.query("select title from movies")).toEqual([{ title: "Later" }]);
    expect((await rebuildCatalog(harness.context, harness.archive)).detail).toMatchObject({ equal: true });
  });

  it("comes from the quarantine itself where the archive has it no more, or a release before did not say where it is", async () => {
    const payload = JSON.stringify(film(one));
    await database.execute(
      `insert into quarantine (source, source_id, reason, detail, payload, manifest_key, first_seen, last_seen)
       select 'tmdb', id, 'schema', 'x', p::jsonb, key, $3, $3
       from unnest(array['1', '2'], $1::text[], array[null, $2]) as r(id, p, key)`,
      [
        [payload, payload.replaceAll('"id":1', '"id":2')],
        "archive/manifests/tmdb/2019-01-01/gone-00000000.json",
        harness.clock.now(),
      ],
    );
    expect(await replay()).toMatchObject({ rowsIn: 2, rowsOut: 2, detail: { left: 0 } });
    expect(await database.query("select tmdb_id from movies order by 1")).toEqual([{ tmdb_id: 1 }, { tmdb_id: 2 }]);
  });

  it("reads IMDb's files anew", async () => {
    await harness.ratings([1, "7.0", "100"], [2, "11.0", "100"]);
    await harness.basics([1, "2010"], [2, "soon"]);
    await load();
    expect(await replay({ source: "imdb" })).toMatchObject({ rowsIn: 2, rowsOut: 0 });
    // As if the lines of title 1 had been refused before.
    await database.execute("delete from imdb_ratings; delete from imdb_titles");
    await database.execute("update quarantine set source_id = replace(source_id, '2', '1'), times_seen = 1");
    expect(await replay()).toMatchObject({ rowsIn: 2, rowsOut: 2 });
    expect(await database.query("select imdb_number - 1000000 as id from imdb_ratings")).toEqual([{ id: 1 }]);
    expect(await database.query("select imdb_number - 1000000 as id from imdb_titles")).toEqual([{ id: 1 }]);
    expect((await listQuarantine(database, { limit: 9 })).rows.map(({ sourceId }) => sourceId)).toEqual([
      imdbId(2),
      imdbId(2),
    ]);
    expect((await rebuildCatalog(harness.context, harness.archive)).detail).toMatchObject({ equal: true });
  });

  it("has the ratings of every day's file whose lines were refused", async () => {
    for (const [day, votes] of [
      ["02", "100"],
      ["03", "101"],
    ] as const) {
      const lines = [`${imdbId(1)}\t7.0\t${votes}`, `${imdbId(2)}\t11.0\t100`];
      await harness.storeFile("title.ratings", lines, `2020-01-${day}`);
      await load();
    }
    // As if the lines of title 1 had been refused before.
    await database.execute("delete from imdb_ratings");
    await database.execute(
      `insert into quarantine (source, source_id, reason, detail, manifest_key, first_seen, last_seen)
       select source, $1, reason, detail, manifest_key, first_seen, last_seen from quarantine`,
      [imdbId(1)],
    );
    expect(await replay()).toMatchObject({ rowsIn: 2, rowsOut: 1 });
    expect(await database.query("select votes from imdb_ratings order by observed_on")).toEqual([
      { votes: 100 },
      { votes: 101 },
    ]);
    expect((await rebuildCatalog(harness.context, harness.archive)).detail).toMatchObject({ equal: true });
  });

  it("finds nothing to do in an empty quarantine", async () => {
    await harness.storeFilms("page", one, ...bodies(film({ id: 2, date: "2011-01-01" })));
    await load();
    expect(await replay()).toMatchObject({ rowsIn: 0, rowsOut: 0, detail: { left: 0 } });
  });
});
