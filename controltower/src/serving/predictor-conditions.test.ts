import { climateView } from "@marquee/shared/features/climate-view";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { viewKey } from "@marquee/shared/features/feature-view";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { MarqueeError } from "@marquee/shared/service/errors";
import { beforeEach, describe, expect, test } from "vitest";
import { CLOCK, createPredictorHarness, type PredictorHarness } from "../../test/predictor-harness.ts";
import { GIVEN_GROUPS, MATRIX, materialiseCatalog, SEQUEL, TODAY, writeCatalog } from "../../test/small-catalog.ts";
import { tinyModel } from "../../test/tiny-model.ts";

let harness: PredictorHarness;
const predict = (movie: object, more?: object) => harness.predict(movie, more);

beforeEach(async () => {
  harness = createPredictorHarness();
});

const fresh = () => materialiseCatalog(harness.onlineStore, CLOCK.now());

describe("stale features", () => {
  const twoDaysAgo = new Date("2026-06-29T12:00:00Z");
  const staleWhere = async (isStale: (entity: string, view: string) => boolean) => {
    await writeCatalog(harness.onlineStore, twoDaysAgo, ({ entity, view }) => isStale(entity, view));
    await writeCatalog(harness.onlineStore, CLOCK.now(), ({ entity, view }) => !isStale(entity, view));
  };

  test.each([
    ["a record", (entity: string) => entity === "director:9", ["director"]],
    ["the record of all films", (entity: string) => entity === "climate:all", ["climate"]],
    ["a name", (entity: string) => entity.startsWith("person:"), ["director"]],
  ])("of a description are those that %s was read for", async (_sentence, isStale, stale) => {
    await staleWhere(isStale);
    const { features } = await predict({ directors: ["Lana Wachowski"] });
    expect(features).toMatchObject({ stale, ageSeconds: 48 * 3600 });
  });

  test("of a film's facts are all but the climate", async () => {
    await staleWhere((_entity, view) => view === ONLINE.facts(MATRIX.tmdbId).view);
    const { features } = await predict({ tmdbId: MATRIX.tmdbId }, { asOf: "1998-01-01" });
    expect(features).toMatchObject({ stale: GIVEN_GROUPS, ageSeconds: 48 * 3600 });
  });
});

describe("a batch", () => {
  beforeEach(fresh);

  const items = [
    { movie: { tmdbId: MATRIX.tmdbId } },
    { movie: { tmdbId: 999 } },
    { movie: { budget: -1 } },
    { movie: { imdbId: MATRIX.imdbId } },
    { movie: { directors: ["Lana Wachowski"] }, explain: true },
    { movie: { tmdbId: MATRIX.tmdbId }, asOf: "1998-01-01" },
    7,
  ];

  test("answers in its items' order, each with its own result or problem", async () => {
    const results = await harness.predictor.batch({ items });
    expect(results.map((result) => (result instanceof MarqueeError ? result.code : result.asOf))).toEqual([
      MATRIX.releaseDate,
      "FILM_UNKNOWN",
      "REQUEST_INVALID",
      MATRIX.releaseDate,
      TODAY,
      "1998-01-01",
      "REQUEST_INVALID",
    ]);
    expect(results[1]).toMatchObject({ details: { errors: [{ path: "items[1].movie.tmdbId" }] } });
    expect(results[2]).toMatchObject({ details: { errors: [{ path: "items[2].movie.budget" }] } });
  });

  test("of whatever kinds costs one read a stage", async () => {
    await harness.predictor.batch({ items });
    expect(harness.reads).toBe(4);
  });

  test("of a thousand films by id costs one read and equals single requests", async () => {
    const results = await harness.predictor.batch({ items: Array(1000).fill(items[0]) });
    expect(harness.reads).toBe(1);
    expect(results).toEqual(Array(1000).fill(await predict({ tmdbId: MATRIX.tmdbId })));
  });

  test("is answered by one model even when another takes over meanwhile", async () => {
    const running = harness.predictor.batch({ items: Array(100).fill(items[0]) });
    const { held } = harness;
    harness.held = held && { ...held, model: tinyModel({ shift: 1 }), version: { ...held.version, version: 4 } };
    const versions = (await running).map((result) => !(result instanceof MarqueeError) && result.model.version);
    expect(new Set(versions)).toEqual(new Set([3]));
  });
});

describe("without what it takes", () => {
  test("a model, every request is NO_CHAMPION, and a wrong one is still told what is wrong", async () => {
    harness.held = undefined;
    await expect(predict({ tmdbId: MATRIX.tmdbId })).rejects.toMatchObject({ code: "NO_CHAMPION" });
    await expect(predict({ budget: -1 })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(harness.predictor.batch({ items: [{ movie: {} }] })).rejects.toMatchObject({ code: "NO_CHAMPION" });
  });

  test("materialised records, a description is NOT_READY: its names would pass for newcomers'", async () => {
    await expect(predict({ directors: ["Lana Wachowski"] })).rejects.toMatchObject({
      code: "NOT_READY",
      retryAfterSeconds: 60,
    });
  });

  test("materialised features, an id is NOT_READY and not a film that the catalog lacks", async () => {
    await expect(predict({ tmdbId: MATRIX.tmdbId })).rejects.toMatchObject({
      code: "NOT_READY",
      retryAfterSeconds: 60,
    });
    await expect(predict({ imdbId: MATRIX.imdbId })).rejects.toMatchObject({ code: "NOT_READY" });
  });

  test("an online store that answers, every request is NOT_READY", async () => {
    harness.onlineStore.read = () => Promise.reject(new MarqueeError("INTERNAL", "Away."));
    await expect(predict({ tmdbId: MATRIX.tmdbId })).rejects.toMatchObject({ code: "NOT_READY", retryAfterSeconds: 2 });
  });

  test("a row that fits its view, a film is computed, and the metrics tell of the damage", async () => {
    await fresh();
    const wanted = await predict({ tmdbId: MATRIX.tmdbId });
    const broken = { ...onlineRowKey(climateView, MATRIX.tmdbId), value: new Uint8Array(400) };
    await harness.onlineStore.write([{ ...broken, materializedAt: CLOCK.now(), ttlSeconds: 60 }]);
    expect(await predict({ tmdbId: MATRIX.tmdbId })).toEqual(wanted);
    const text = await harness.metrics.text();
    expect(text).toContain(
      `marquee_serving_view_reads_total{view="${viewKey(climateView)}",status="unreadable",service="test"} 1`,
    );
    expect(text).toContain('marquee_serving_features_total{how="computed",service="test"} 1');
  });

  test("a readable card, only the item that it belongs to fails", async () => {
    await fresh();
    const broken = { ...ONLINE.card(SEQUEL.tmdbId), value: new Uint8Array([1]) };
    await harness.onlineStore.write([{ ...broken, materializedAt: CLOCK.now(), ttlSeconds: 60 }]);
    const items = [{ movie: { tmdbId: SEQUEL.tmdbId } }, { movie: { tmdbId: MATRIX.tmdbId } }];
    const [first, second] = await harness.predictor.batch({ items });
    expect(first).toMatchObject({ code: "INTERNAL" });
    expect(second).toMatchObject({ asOf: MATRIX.releaseDate });
  });
});

test("predictions are counted by form and outcome, and what they had to do without by group", async () => {
  await fresh();
  const { one, batch } = harness.predictor;
  await one({ movie: { tmdbId: MATRIX.tmdbId } });
  await batch({ items: [{ movie: { tmdbId: 999 } }, { movie: { title: "x" } }, { movie: { imdbId: 1 } }] });
  const text = await harness.metrics.text();
  for (const line of [
    'marquee_predictions_total{form="tmdbId",outcome="answered",service="test"} 1',
    'marquee_predictions_total{form="tmdbId",outcome="FILM_UNKNOWN",service="test"} 1',
    'marquee_predictions_total{form="description",outcome="answered",service="test"} 1',
    'marquee_predictions_total{form="imdbId",outcome="REQUEST_INVALID",service="test"} 1',
    'marquee_prediction_features_missing_total{group="collection",service="test"} 2',
    'marquee_prediction_features_missing_total{group="director",service="test"} 1',
    'marquee_serving_features_total{how="read",service="test"} 1',
    'marquee_serving_features_total{how="computed",service="test"} 1',
    `marquee_serving_view_reads_total{view="${viewKey(climateView)}",status="present",service="test"} 1`,
    'marquee_prediction_batch_items_sum{service="test"} 3',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).not.toContain("Matrix");
});
