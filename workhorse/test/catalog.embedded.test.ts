import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { RATING_COLUMNS } from "@marquee/shared/features/film-views";
import { decodeCard, decodeText, decodeVector, ONLINE } from "@marquee/shared/features/online-layout";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Archive, createArchive } from "../src/archive/archive.ts";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { buildFeatures } from "../src/feature-store/build-features.ts";
import { materialize } from "../src/feature-store/materialize.ts";
import { loadTrainingSet } from "../src/feature-store/training-set.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { listArchive, verifyArchive } from "../src/tasks/verify-archive.ts";

const clock = fixedClock("2020-01-01T12:00:00Z");

interface FilmOptions {
  id: number;
  date: string;
  director?: number;
}
const imdbId = (id: number) => `tt${String(1_000_000 + id)}`;
const film = ({ id, date, director = 1 }: FilmOptions) => ({
  id,
  imdb_id: imdbId(id),
  title: `Film ${id}`,
  release_date: date,
  runtime: 100,
  budget: 5_000_000,
  original_language: "en",
  genres: [{ id: 18, name: "Drama" }],
  production_companies: [{ id: 9, name: "Studio" }],
  vote_average: 7.1,
  vote_count: 12,
  credits: {
    cast: [{ id: 50, name: "Ann Actor", credit_id: `a${id}`, order: 0 }],
    crew: [
      { id: director, name: `Director ${director}`, credit_id: `d${id}`, department: "Directing", job: "Director" },
    ],
  },
});
const bodies = (...films: object[]) => films.map((body, i) => ({ path: `/movie/${i}?`, body: JSON.stringify(body) }));

let database: TestDatabase;
let folder: string;
let archive: Archive;
let context: TaskContext;

const imdbFile = async (name: "title.ratings" | "title.basics", lines: string[]) => {
  const path = join(folder, "download.gz");
  writeFileSync(path, gzipSync(`${lines.join("\n")}\n`));
  return archive.storeFile({ source: "imdb", name, path, observedAt: new Date("2019-12-30T00:00:00Z") });
};
const ratings = (...rows: [number, string, string][]) =>
  imdbFile("title.ratings", [
    "tconst\taverageRating\tnumVotes",
    ...rows.map(([id, rating, votes]) => `${imdbId(id)}\t${rating}\t${votes}`),
  ]);
const basics = (...rows: [number, string][]) =>
  imdbFile("title.basics", [
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres",
    ...rows.map(([id, year]) => `${imdbId(id)}\tmovie\t"F"\\${id}\tF\t0\t${year}\t\\N\t\\N\tDrama`),
  ]);

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "marquee-catalog-"));
  const objectStore = createFileObjectStore(join(folder, "objects"));
  archive = createArchive(objectStore, clock);
  context = {
    database,
    objectStore,
    clock,
    log: createLogger("test", "silent"),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the catalog", () => {
  it("holds what the archive says, and loading again changes nothing", async () => {
    await archive.storeBodies({
      source: "tmdb",
      name: "page-1",
      bodies: bodies(film({ id: 1, date: "2010-01-01" }), film({ id: 2, date: "2011-01-01" })),
    });
    await ratings([1, "7.5", "100"], [2, "6.0", "200"]);
    await basics([1, "2010"]);
    const first = await loadCatalog(context, archive);
    expect(first.detail).toMatchObject({ films: 2, rated: 2, ratings: 4, quarantined: 0 });
    const again = await loadCatalog(context, archive);
    expect(again.rowsIn).toBe(0);
    expect(again.detail.hash).toBe(first.detail.hash);
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
    await archive.storeBodies({
      source: "tmdb",
      name: "page-1",
      bodies: bodies(film({ id: 1, date: "2010-01-01", director: 1 })),
    });
    await loadCatalog(context, archive);
    await archive.storeBodies({
      source: "tmdb",
      name: "page-2",
      bodies: bodies(film({ id: 1, date: "2010-01-02", director: 2 })),
    });
    await loadCatalog(context, archive);
    expect(
      await database.query(
        "select release_date, person_id from movies join credits using (tmdb_id) where job = 'Director'",
      ),
    ).toEqual([{ release_date: "2010-01-02", person_id: 2 }]);
  });

  it("has the same hash whatever way it was loaded", async () => {
    const pages = [
      film({ id: 1, date: "2010-01-01" }),
      film({ id: 2, date: "2011-01-01" }),
      film({ id: 3, date: "2012-01-01" }),
    ];
    for (const [i, page] of pages.entries()) {
      await archive.storeBodies({ source: "tmdb", name: `page-${i}`, bodies: bodies(page) });
      await loadCatalog(context, archive);
    }
    const piecemeal = await catalogHash(database);
    const other = await createTestDatabase();
    await loadCatalog({ ...context, database: other }, archive);
    expect(await catalogHash(other)).toBe(piecemeal);
    await other.execute("update movies set title = 'other' where tmdb_id = 3");
    expect(await catalogHash(other)).not.toBe(piecemeal);
    await other.close();
  });

  it("keeps the good rows and quarantines the bad ones with their reasons", async () => {
    await archive.storeBodies({
      source: "tmdb",
      name: "page-1",
      bodies: bodies({ ...film({ id: 1, date: "2010-01-01" }), title: "" }, film({ id: 2, date: "2011-01-01" })),
    });
    await ratings([1, "11.0", "100"], [2, "6.0", "many"], [3, "6.0", "10"]);
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

  it("moves a film to quarantine when the two sources cannot both be right about its year", async () => {
    await archive.storeBodies({
      source: "tmdb",
      name: "page-1",
      bodies: bodies(film({ id: 1, date: "2015-02-08" }), film({ id: 2, date: "2012-01-01" })),
    });
    await basics([1, "1915"], [2, "2010"]);
    await loadCatalog(context, archive);
    expect(await database.query("select tmdb_id from movies")).toEqual([{ tmdb_id: 2 }]);
    expect(await database.query("select source_id, reason, detail from quarantine")).toEqual([
      {
        source_id: "1",
        reason: "release_year_conflict",
        detail: "TMDB says released 2015-02-08, IMDb (tt1000001) says 1915",
      },
    ]);
  });

  it("takes nothing of a file that breaks off in the middle, and all of it once it is whole", async () => {
    const whole = gzipSync(
      `tconst\taverageRating\tnumVotes\n${Array.from({ length: 20_000 }, (_, i) => `${imdbId(i)}\t5.0\t60`).join("\n")}\n`,
    );
    const path = join(folder, "cut.gz");
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    await archive.storeFile({ source: "imdb", name: "title.ratings", path, observedAt: clock.now() });
    await expect(loadCatalog(context, archive)).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    expect(await database.query("select count(*)::integer as n from ratings")).toEqual([{ n: 0 }]);
  });
});

describe("the archive", () => {
  it("finds an object that was changed", async () => {
    const manifest = await archive.storeBodies({
      source: "tmdb",
      name: "page-1",
      bodies: bodies(film({ id: 1, date: "2010-01-01" })),
    });
    expect((await verifyArchive(context, archive, await listArchive(archive))).rowsOut).toBe(1);
    const path = join(folder, "objects", manifest.objectKey);
    const bytes = readFileSync(path);
    bytes[bytes.length - 12] = (bytes.at(-12) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(verifyArchive(context, archive, await listArchive(archive))).rejects.toMatchObject({
      code: "OBJECT_CORRUPT",
    });
  });
});

describe("a tracked step", () => {
  const result = { rowsIn: 3, rowsOut: 2, detail: { figure: 1 } };

  it("runs once for the same input and again for another", async () => {
    let runs = 0;
    const run = (hash: string) =>
      trackedStep(context, {
        step: "catalog",
        inputHash: hash,
        work: async () => {
          runs += 1;
          return result;
        },
      });
    expect(await run("a")).toEqual({ ...result, unchanged: false });
    expect(await run("a")).toEqual({ ...result, unchanged: true });
    await run("b");
    expect(runs).toBe(2);
  });

  it("asked for twice at once runs once: the second waits, and has nothing left to do", async () => {
    const { promise: begun, resolve: began } = Promise.withResolvers<void>();
    const { promise: end, resolve: finish } = Promise.withResolvers<void>();
    let runs = 0;
    const definition = {
      step: "catalog",
      inputHash: "a",
      work: async () => {
        runs += 1;
        began();
        await end;
        return result;
      },
    } as const;
    const first = trackedStep(context, definition);
    await begun;
    const { promise: waiting, resolve: waits } = Promise.withResolvers<void>();
    const log = createLogger("test", "info", { write: () => waits() });
    const second = trackedStep({ ...context, log }, definition);
    await waiting;
    expect(await database.query("select status from step_runs")).toEqual([{ status: "running" }]);
    finish();
    expect([(await first).unchanged, (await second).unchanged, runs]).toEqual([false, true, 1]);
  });

  it("does not wait for another step, nor longer than it is wanted", async () => {
    const { promise: end, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: began } = Promise.withResolvers<void>();
    const work = async () => {
      began();
      await end;
      return result;
    };
    const catalog = trackedStep(context, { step: "catalog", work });
    await begun;
    expect(await trackedStep(context, { step: "features", work: async () => result })).toMatchObject(result);
    const abort = new AbortController();
    const log = createLogger("test", "info", { write: () => abort.abort() });
    const waiting = trackedStep({ ...context, log, signal: abort.signal }, { step: "catalog", work });
    await expect(waiting).rejects.toThrow(/abort/i);
    finish();
    await catalog;
  });

  it("whose process was killed is marked as failed by the next run, which owns the step", async () => {
    await database.execute(
      "insert into step_runs (run_id, step, status, started_at) values (gen_random_uuid(), 'catalog', 'running', now()), (gen_random_uuid(), 'train', 'running', now())",
    );
    await trackedStep(context, { step: "catalog", work: async () => result });
    expect(await database.query("select step, status from step_runs order by step, status")).toEqual([
      { step: "catalog", status: "failed" },
      { step: "catalog", status: "succeeded" },
      { step: "train", status: "running" },
    ]);
  });

  it("runs again when what it made is gone", async () => {
    const training = { step: "train", inputHash: "a", work: async () => result } as const;
    await trackedStep(context, training);
    expect((await trackedStep(context, { ...training, stillThere: async () => false })).unchanged).toBe(false);
  });

  it("records why it failed, and is run again", async () => {
    await expect(
      trackedStep(context, {
        step: "catalog",
        inputHash: "a",
        work: () => Promise.reject(new RangeError("too far")),
      }),
    ).rejects.toThrow("too far");
    expect(await database.query("select status, detail from step_runs")).toEqual([
      { status: "failed", detail: { error: "too far" } },
    ]);
    const run = await trackedStep(context, { step: "catalog", inputHash: "a", work: async () => result });
    expect(run.unchanged).toBe(false);
  });
});

describe("the feature store", () => {
  const column = (name: string) => RATING_COLUMNS.findIndex((candidate) => candidate.name === name);

  beforeEach(async () => {
    const films = [
      film({ id: 1, date: "2010-01-01" }),
      film({ id: 2, date: "2011-01-01" }),
      film({ id: 3, date: "2019-12-20" }),
      film({ id: 4, date: "2020-06-01" }),
    ];
    await archive.storeBodies({ source: "tmdb", name: "page-1", bodies: bodies(...films) });
    await ratings([1, "8.0", "100"], [2, "6.0", "49"], [3, "9.0", "500"]);
    await loadCatalog(context, archive);
    await buildFeatures(context, { maturityDays: 0 });
  });

  it("builds each film's features as of the earlier of its release and today, from mature ratings alone", async () => {
    const rows = await database.query<{ tmdb_id: number; as_of: string; values: number[] }>(
      'select tmdb_id, as_of, "values" from feature_movies order by 1',
    );
    expect(rows.map(({ as_of }) => as_of)).toEqual(["2010-01-01", "2011-01-01", "2019-12-20", "2020-01-01"]);
    // Film 1 alone is mature: film 2 has too few votes, film 3 is out for 12 days.
    expect(rows.map(({ values }) => Math.round(Math.expm1(values[column("director_films")] ?? Number.NaN)))).toEqual([
      0, 1, 1, 1,
    ]);
    expect(rows.map(({ values }) => values[column("climate_mean")])).toEqual([6.5, 8, 8, 8]);
  });

  it("gives training the mature films alone", async () => {
    const set = await loadTrainingSet(database, clock);
    expect(set.rows.map(({ tmdbId, rating, votes }) => [tmdbId, rating, votes])).toEqual([[1, 8, 100]]);
    expect(set.hash).toBe((await loadTrainingSet(database, clock)).hash);
  });

  it("puts the same bits online as are in the gold table, with names, ids and cards", async () => {
    const online = createMemoryOnlineStore(clock);
    await materialize(context, online, { maturityDays: 0 });
    const id = 2 as TmdbId;
    const [vector, card, byName, company, unknown] = await online.read([
      ONLINE.features(id),
      ONLINE.card(id),
      ONLINE.personName("  director 1"),
      ONLINE.companyName("STUDIO"),
      ONLINE.personName("Nobody"),
    ]);
    const [gold] = await database.query<{ values: number[] }>('select "values" from feature_movies where tmdb_id = 2');
    expect([...decodeVector(valueRead(vector)).values]).toEqual(gold?.values);
    expect(decodeCard(valueRead(card))).toMatchObject({
      tmdbId: 2,
      title: "Film 2",
      releaseDate: "2011-01-01",
      actual: { rating: 6, votes: 49 },
    });
    expect(decodeText(valueRead(byName))).toBe("1");
    expect(decodeText(valueRead(company))).toBe("9");
    expect(unknown?.status).toBe("missing");
  });
});

function valueRead(read: { status: string } | undefined): Uint8Array {
  if (!read || !("value" in read)) throw new TypeError("nothing was read");
  return read.value as Uint8Array;
}
