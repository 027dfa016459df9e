import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { decodeFilmFacts } from "@marquee/shared/features/film-facts";
import { ALL_VIEWS, RATING_COLUMNS, RATING_VIEWS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { decodeCard, decodeText } from "@marquee/shared/features/online-layout";
import { decodeTrackRecord, summarise } from "@marquee/shared/features/track-record";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catalogHash } from "../src/catalog/catalog-hash.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { buildFeatures } from "../src/feature-store/build-features.ts";
import { loadTrainingSet } from "../src/feature-store/training-set.ts";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { manifestKey } from "../src/offline-store/dataset-manifest.ts";
import { latestDataset, listDatasets } from "../src/offline-store/dataset-records.ts";
import type { OnlineEntry } from "../src/offline-store/offline-store.ts";
import { featuresStep } from "../src/tasks/steps.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { type CatalogHarness, openCatalogHarness } from "./catalog-harness.ts";

let harness: CatalogHarness;
const context = () => harness.context;

beforeEach(async () => {
  harness = await openCatalogHarness();
  await harness.storeFilms(
    "page-1",
    ...[
      { id: 1, date: "2010-01-01", director: 5 },
      { id: 2, date: "2011-01-01", director: 6 },
      { id: 3, date: "2019-12-20", director: 5 },
      { id: 4, date: "2020-06-01", director: 5 },
      { id: 5, date: "1969-07-20", title: "A Film's Title", runtime: 0 },
    ],
  );
  await harness.ratings([1, "8.0", "100"], [2, "6.0", "49"], [3, "9.0", "500"], [5, "7.7", "60"]);
  await loadCatalog(context(), harness.archive);
});
afterEach(() => harness.close());

const build = async () => String((await buildFeatures(context(), { maturityDays: 0 })).detail.dataset);
const open = async (hash: string) => createOfflineStore({ objectStore: context().objectStore }).open(hash);
const goldRows = () =>
  harness.database.query<{ tmdb_id: number; as_of: string; values: number[] }>(
    'select tmdb_id, as_of, "values" from feature_movies order by as_of, tmdb_id',
  );

describe("a build of features", () => {
  it("leaves a dataset with every view of every film, and says what it was made from", async () => {
    const hash = await build();
    const dataset = await open(hash);
    expect(dataset.manifest).toMatchObject({
      ...{ asOf: "2020-01-01", builtAt: "2020-01-01T12:00:00.000Z", rows: 5, maturityDays: 0, archiveHash: null },
      catalogHash: await catalogHash(harness.database),
      viewsHash: RATING_VIEWS_HASH,
      views: ALL_VIEWS.map(({ name, version }) => ({ name, version })),
      timeRange: { from: "1969-07-20", to: "2020-01-01" },
    });
    expect(await latestDataset(harness.database)).toMatchObject({
      ...{ hash, asOf: "2020-01-01", rows: 5, trainingRuns: 0, viewsHash: RATING_VIEWS_HASH },
    });
    await dataset.close();
  });

  it("puts the same bits into the dataset and the gold table", async () => {
    const dataset = await open(await build());
    const gold = await goldRows();
    const [batch] = await Array.fromAsync(dataset.rows(RATING_COLUMNS));
    expect([...(batch?.ids ?? [])]).toEqual(gold.map(({ tmdb_id }) => tmdb_id));
    expect(batch?.values).toEqual(Float64Array.from(gold.flatMap(({ values }) => values)));
    const views = await Promise.all(
      RATING_VIEWS.map(async (view) => (await Array.fromAsync(dataset.latestRows(view))).flat()),
    );
    for (const { tmdb_id, as_of, values } of gold) {
      const rows = views.map((rows) => rows.find(({ id }) => id === tmdb_id));
      expect(rows.flatMap((row) => [...(row?.values ?? [])])).toEqual(values);
      expect(new Set(rows.map((row) => row?.eventTime))).toEqual(new Set([Date.parse(as_of)]));
    }
    await dataset.close();
  });

  it("has all that lies online: facts, cards, ids, names and track records", async () => {
    const dataset = await open(await build());
    const entries = (await Array.fromAsync(dataset.onlineEntries())).flat();
    const bytesOf = (view: string, entity: string): OnlineEntry["value"] => {
      const found = entries.find((entry) => entry.view === view && entry.entity === entity);
      if (!found) throw new TypeError(`there is no ${view} ${entity}`);
      return found.value;
    };
    expect(decodeFilmFacts(bytesOf("film_facts@2", "film:5"))).toMatchObject({ title: "A Film's Title" });
    expect(decodeCard(bytesOf("film_card@2", "film:2"))).toMatchObject({
      ...{ tmdbId: 2, title: "Film 2", releaseDate: "2011-01-01", actual: { rating: 6, votes: 49 } },
    });
    expect(decodeText(bytesOf("film_by_imdb@2", "tt1000005"))).toBe("5");
    expect(decodeText(bytesOf("name@2", "person:director 5"))).toBe("5");
    expect(decodeText(bytesOf("name@2", "company:studio"))).toBe("9");
    const record = decodeTrackRecord(bytesOf("track_record@2", "director:5"));
    // Film 3 came out twelve days ago: an outcome as soon as its event time says, though no target yet.
    expect(summarise(record, epochDay("2020-01-01" as CalendarDate)).count).toBe(2);
    await dataset.close();
  });

  it("has the same hash where nothing has changed, and is one dataset still", async () => {
    const first = await build();
    harness.clock.set("2020-01-01T18:00:00Z");
    expect(await build()).toBe(first);
    const all = await listDatasets(harness.database, 10);
    expect(all.map(({ hash, builtAt }) => [hash, builtAt.toISOString()])).toEqual([
      [first, "2020-01-01T18:00:00.000Z"],
    ]);
    harness.clock.set("2020-01-02T12:00:00Z");
    expect(await build()).not.toBe(first);
    expect(await listDatasets(harness.database, 10)).toHaveLength(2);
  });

  it("is the latest, and later than the one before, on a clock that is behind", async () => {
    const first = await build();
    const before = (await latestDataset(harness.database))?.builtAt.getTime() ?? 0;
    harness.clock.set("2019-12-24T12:00:00Z");
    const second = await build();
    expect(second).not.toBe(first);
    expect(await latestDataset(harness.database)).toMatchObject({ hash: second, builtAt: new Date(before + 1) });
    expect(await build()).toBe(second);
    expect((await latestDataset(harness.database))?.builtAt).toEqual(new Date(before + 1));
  });

  it("publishes nothing where it is stopped before the end", async () => {
    const first = await build();
    const before = await goldRows();
    harness.clock.set("2020-01-02T12:00:00Z");
    const failing = {
      ...harness.database,
      transaction: () => Promise.reject(new TypeError("killed")),
    } as typeof harness.database;
    await expect(buildFeatures({ ...context(), database: failing }, { maturityDays: 0 })).rejects.toThrow("killed");
    expect((await latestDataset(harness.database))?.hash).toBe(first);
    expect(await goldRows()).toEqual(before);
    const signal = AbortSignal.abort(new TypeError("stopped"));
    await expect(buildFeatures({ ...context(), signal }, { maturityDays: 0 })).rejects.toThrow("stopped");
  });
});

describe("the features step", () => {
  const step = async () => {
    const hash = await catalogHash(harness.database);
    return trackedStep(context(), featuresStep(hash, context().clock, { maturityDays: 0 }));
  };

  it("has nothing to do a second time, unless the dataset is gone", async () => {
    const { detail } = await step();
    expect((await step()).unchanged).toBe(true);
    await context().objectStore.remove(manifestKey(String(detail.dataset)));
    expect(await step()).toMatchObject({ unchanged: false, detail: { dataset: detail.dataset } });
    expect(await context().objectStore.exists(manifestKey(String(detail.dataset)))).toBe(true);
  });
});

describe("the training set", () => {
  it("is read from the latest dataset: the gold table's bits, the outcomes, by release", async () => {
    const hash = await build();
    const set = await loadTrainingSet(context());
    expect(set).toMatchObject({ dataset: hash, viewsHash: RATING_VIEWS_HASH });
    const gold = new Map((await goldRows()).map(({ tmdb_id, values }) => [tmdb_id, values]));
    expect(set.rows.map(({ tmdbId, releaseDate, rating, votes }) => [tmdbId, releaseDate, rating, votes])).toEqual([
      [5, "1969-07-20", 7.7, 60],
      [1, "2010-01-01", 8, 100],
    ]);
    for (const { tmdbId, values } of set.rows) expect([...values]).toEqual(gold.get(tmdbId));
  });

  it("takes films that were not out at the build only from the next one", async () => {
    await build();
    harness.clock.set("2020-12-01T12:00:00Z");
    expect((await loadTrainingSet(context())).rows.map(({ tmdbId }) => tmdbId)).toEqual([5, 1]);
    await build();
    expect((await loadTrainingSet(context())).rows.map(({ tmdbId }) => tmdbId)).toEqual([5, 1, 3]);
  });

  it("is empty before the first build, and after one of other views", async () => {
    expect(await loadTrainingSet(context())).toMatchObject({ rows: [] });
    await build();
    await harness.database.execute("update feature_datasets set views_hash = 'another'");
    expect((await loadTrainingSet(context())).rows).toEqual([]);
  });
});
