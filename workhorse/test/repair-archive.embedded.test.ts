import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ListedManifest } from "../src/archive/archive.ts";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { rebuildCatalog } from "../src/catalog/rebuild-catalog.ts";
import { collect } from "../src/tasks/collect.ts";
import { repairArchive } from "../src/tasks/repair-archive.ts";
import { withStepLock } from "../src/tasks/step-lock.ts";
import { archiveStep } from "../src/tasks/steps.ts";
import type { StepContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { listArchive, verifyArchive } from "../src/tasks/verify-archive.ts";
import { type CrawlHarness, openCrawl, range, sorted } from "./crawl-harness.ts";

/** IMDb's files as its host has them: by name, with the day of their state. */
interface ImdbFileOnHost {
  day: string;
  text: string;
}

const BASICS = `tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres
tt1000001\tmovie\tFilm 1\tFilm 1\t0\t2011\t\\N\t100\tDrama
`;
const ratingsOf = (rating: string) => `tconst\taverageRating\tnumVotes\ntt1000001\t${rating}\t500\n`;

let harness: CrawlHarness;
let store: ObjectStore;
let imdb: Map<string, ImdbFileOnHost>;
/** IMDb's files that were sent. */
let sent: string[];

function imdbHost(request: IncomingMessage, response: ServerResponse): boolean {
  const name = /^\/([a-z]+\.[a-z]+)\.tsv\.gz$/.exec(request.url ?? "")?.[1];
  if (name === undefined) return false;
  const file = imdb.get(name);
  if (file === undefined) {
    response.writeHead(403).end();
    return true;
  }
  const etag = `"${name} ${file.day}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304).end();
    return true;
  }
  sent.push(name);
  const body = gzipSync(file.text);
  const modified = new Date(`${file.day}T00:00:00Z`).toUTCString();
  response.writeHead(200, { etag, "last-modified": modified, "content-length": body.length }).end(body);
  return true;
}

beforeEach(async () => {
  harness = await openCrawl();
  store = harness.context().objectStore;
  imdb = new Map([
    ["title.basics", { day: "2026-03-09", text: BASICS }],
    ["title.ratings", { day: "2026-03-09", text: ratingsOf("7.1") }],
  ]);
  harness.server.fault = imdbHost;
  harness.serve(range(1, 150));
  harness.today("2026-03-10");
  await collectAll();
  await load();
});
afterEach(() => harness.close());

const collectAll = (): Promise<TaskResult> => {
  harness.server.asked = { films: [], others: [] };
  sent = [];
  return collect(harness.context(), harness.clients(), harness.archive);
};
const inCatalogStep = (work: (context: StepContext) => Promise<TaskResult>) =>
  trackedStep(harness.context(), { step: "catalog", work });
const load = () => inCatalogStep((context) => loadCatalog(context, harness.archive));
const rebuild = () => inCatalogStep((context) => rebuildCatalog(context, harness.archive));
const verify = async () => verifyArchive(harness.context(), harness.archive, await listArchive(harness.archive));
const repair = (changes: Partial<StepContext> = {}) => repairArchive(harness.context(changes), harness.archive);
const archiveKeys = async () => (await Array.fromAsync(store.list("archive/"))).map(({ key }) => key);

async function fetchesNamed(name: string): Promise<ListedManifest[]> {
  const all: ListedManifest[] = [];
  for (const source of ["tmdb", "imdb"] as const)
    all.push(...(await Array.fromAsync(harness.archive.manifests(source))));
  return all.filter(({ manifest }) => manifest.name.startsWith(name));
}

async function fetchNamed(name: string): Promise<ListedManifest> {
  const [fetch] = await fetchesNamed(name);
  if (fetch === undefined) throw new Error(`no fetch ${name}`);
  return fetch;
}

async function damage(name: string): Promise<ListedManifest> {
  const fetch = await fetchNamed(name);
  await store.put(fetch.manifest.objectKey, "damaged");
  return fetch;
}

/** The archive is whole again, and holds what the catalog says. */
async function expectMended(hash: string): Promise<void> {
  await verify();
  await load();
  expect(await catalogHash(harness.database)).toBe(hash);
  expect((await rebuild()).detail).toMatchObject({ hash, equal: true });
}

describe("a damaged fetch of films", () => {
  it("is named with the way back, taken out, and fetched again: the catalog is that of before", async () => {
    const hash = await catalogHash(harness.database);
    const { key, manifest } = await damage("movies-00000001");
    const failed = verify();
    await expect(failed).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
    const wrong = `tmdb movies-00000001-00000100 of 2026-03-10: ${manifest.objectKey} is damaged (${key})`;
    await expect(failed).rejects.toThrow(wrong);
    await expect(failed).rejects.toThrow("npm run marquee -- archive verify --repair");
    // Without a repair nothing is fetched, since nothing has changed.
    await collectAll();
    expect(harness.server.asked.films).toEqual([]);

    expect(await repair()).toMatchObject({
      rowsOut: 1,
      detail: { films: 100, files: [], objects: 1, lost: { tmdbDays: ["2026-03-10"], ratingDays: [] } },
    });
    expect(await archiveKeys()).not.toContain(manifest.objectKey);
    expect(await catalogHash(harness.database)).toBe(hash);
    harness.now = new Date("2026-03-11T09:00:00Z");
    await collectAll();
    expect(sorted(harness.server.asked.films)).toEqual(range(1, 100));
    await expectMended(hash);
  });

  it("whose object is missing is mended too, and so is one whose manifest cannot be read", async () => {
    const hash = await catalogHash(harness.database);
    const missing = await fetchNamed("movies-00000001");
    await store.remove(missing.manifest.objectKey);
    const unreadable = await fetchNamed("movies-00000101");
    await store.put(unreadable.key, "{");
    // Content that comes again would not be stored over it.
    await store.put(unreadable.manifest.objectKey, "damaged");
    await expect(verify()).rejects.toThrow(`of 2026-03-10: its manifest cannot be read (${unreadable.key})`);
    expect(await repair()).toMatchObject({ rowsOut: 2, detail: { films: 150, objects: 1 } });
    await collectAll();
    expect(harness.server.asked.films).toHaveLength(150);
    await expectMended(hash);
  });

  it("brings back films that TMDB has deleted, and those that were refused", async () => {
    harness.server.films.delete(7);
    harness.server.films.set(151, { title: "", date: "2011-05-01", votes: 10 });
    harness.now = new Date("2026-03-11T09:00:00Z");
    harness.today("2026-03-11");
    await collectAll();
    await load();
    const hash = await catalogHash(harness.database);
    expect(await harness.database.query("select source_id from quarantine")).toEqual([{ source_id: "151" }]);
    await damage("movies-00000007");
    expect(await repair()).toMatchObject({ rowsOut: 1, detail: { films: 2 } });
    await collectAll();
    expect(sorted(harness.server.asked.films)).toEqual([7, 151]);
    await expectMended(hash);
  });

  it("that was not loaded yet has its films fetched again too", async () => {
    harness.serve(range(201, 230));
    harness.server.films.delete(120);
    harness.now = new Date("2026-03-11T09:00:00Z");
    harness.today("2026-03-11");
    await collectAll();
    await damage("movies-00000120");
    expect(await repair()).toMatchObject({ rowsOut: 1, detail: { films: 31 } });
    await collectAll();
    expect(sorted(harness.server.asked.films)).toEqual([120, ...range(201, 230)]);
    await verify();
    await load();
    expect(
      await harness.database.query("select count(*)::integer as films from movies where deleted_at is null"),
    ).toEqual([{ films: 179 }]);
  });
});

describe("a damaged file of IMDb", () => {
  it("is fetched again, though IMDb's is still the same", async () => {
    const hash = await catalogHash(harness.database);
    for (const name of ["title.basics", "title.ratings"]) await damage(name);
    await collectAll();
    expect(sent).toEqual([]);
    expect(await repair()).toMatchObject({
      rowsOut: 2,
      detail: {
        films: 0,
        files: ["title.basics", "title.ratings"],
        lost: { tmdbDays: [], ratingDays: ["2026-03-09"] },
      },
    });
    expect(await catalogHash(harness.database)).toBe(hash);
    await collectAll();
    expect(new Set(sent)).toEqual(new Set(["title.basics", "title.ratings"]));
    expect(harness.server.asked.films).toEqual([]);
    await expectMended(hash);
  });

  it("of an earlier day is not: its ratings stay in the catalog, and are told as lost", async () => {
    imdb.set("title.ratings", { day: "2026-03-10", text: ratingsOf("7.2") });
    harness.now = new Date("2026-03-11T09:00:00Z");
    await collectAll();
    await load();
    await damage("title.ratings");
    expect(await repair()).toMatchObject({ rowsOut: 1, detail: { files: [], lost: { ratingDays: ["2026-03-09"] } } });
    await collectAll();
    expect(sent).toEqual([]);
    await verify();
    const days = () => harness.database.query("select observed_on::text as day from imdb_ratings order by 1");
    await load();
    expect(await days()).toEqual([{ day: "2026-03-09" }, { day: "2026-03-10" }]);
    await rebuild();
    expect(await days()).toEqual([{ day: "2026-03-10" }]);
  });
});

describe("a repair", () => {
  it("keeps an object that a whole manifest names", async () => {
    const { key, manifest } = await fetchNamed("movies-00000001");
    await store.put(key.replace("2026-03-10", "2026-03-09"), JSON.stringify(manifest));
    await store.put(key, "{");
    expect(await repair()).toMatchObject({ rowsOut: 1, detail: { objects: 0 } });
    expect(await archiveKeys()).toContain(manifest.objectKey);
    expect(await archiveKeys()).not.toContain(key);
    await verify();
  });

  it("does nothing where nothing is damaged", async () => {
    const before = await archiveKeys();
    const loads = () => harness.database.query("select * from archive_loads order by manifest_key");
    const loaded = await loads();
    expect(await repair()).toMatchObject({
      rowsIn: before.length / 2,
      rowsOut: 0,
      detail: { damaged: [], films: 0, files: [] },
    });
    expect(await archiveKeys()).toEqual(before);
    expect(await loads()).toEqual(loaded);
    expect(await harness.database.query("select * from tmdb_wanted")).toEqual([]);
    await collectAll();
    expect({ sent, films: harness.server.asked.films }).toEqual({ sent: [], films: [] });
  });

  it("goes on where it was killed", async () => {
    const hash = await catalogHash(harness.database);
    for (const name of ["movies-00000001", "movies-00000101", "title.ratings"]) await damage(name);
    let removals = 0;
    const failing: ObjectStore = {
      ...store,
      remove: (key) => (++removals === 4 ? Promise.reject(new TypeError("killed")) : store.remove(key)),
    };
    await expect(repair({ objectStore: failing })).rejects.toThrow("killed");
    expect(await repair()).toMatchObject({ rowsOut: 2 });
    await collectAll();
    expect(harness.server.asked.films).toHaveLength(150);
    expect(sent).toEqual(["title.ratings"]);
    await expectMended(hash);
  });

  it("leaves it to the next verification to read the days again that had damage, and those alone", async () => {
    harness.serve([300]);
    harness.now = new Date("2026-03-12T09:00:00Z");
    harness.today("2026-03-12");
    await collectAll();
    await damage("movies-00000300");
    await repair();
    await collectAll();
    const listing = await listArchive(harness.archive);
    const day = listing.keys.filter((key) => key.includes("/tmdb/2026-03-12/"));
    expect(await trackedStep(harness.context(), archiveStep(harness.archive, listing))).toMatchObject({
      unchanged: false,
      rowsOut: day.length,
    });
  });

  it("waits while a collection or a load runs", async () => {
    await damage("movies-00000001");
    for (const step of ["collect", "archive", "catalog"]) {
      const controller = new AbortController();
      const { log } = harness.context();
      // Told that it waits, it is stopped.
      const waiting = { ...log, info: () => controller.abort(new TypeError("still waiting")) } as unknown as typeof log;
      await withStepLock(harness.context(), step, () =>
        expect(repair({ signal: controller.signal, log: waiting }), step).rejects.toMatchObject({
          cause: { message: "still waiting" },
        }),
      );
    }
    expect(await fetchesNamed("movies-00000001")).toHaveLength(1);
  });
});
