import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { PredictionEvent } from "@marquee/shared/contracts/prediction-event";
import { encodeArtifact } from "@marquee/shared/model/artifact";
import { createRatingModel } from "@marquee/shared/model/rating-model";
import { madeUpModel } from "@marquee/shared/model/testing/made-up-model";
import { createRegistry, type Registry } from "@marquee/shared/registry/registry";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storePredictions } from "../src/quality/store-predictions.ts";
import { type WatchQualityOptions, watchQuality } from "../src/quality/watch-quality.ts";
import { type BusHarness, createBusHarness } from "./bus-harness.ts";

const NOW = "2026-07-01T12:00:00.000Z";
/** 90 days before. */
const JUST_MATURE = "2026-04-02";

describe("the quality of the model in production", () => {
  let today: string;
  let harness: BusHarness;
  let registry: Registry;
  const objects = new Map<string, Buffer>();
  const clock: Clock = { now: () => new Date(today) };

  beforeEach(async () => {
    today = NOW;
    harness = await createBusHarness(clock);
    registry = createRegistry(harness.database, clock);
  });
  afterEach(() => harness.close());

  /** Registers a model whose test predictions were spread so, and makes it champion. */
  async function promote({ rmse = 0.8, counts = new Array<number>(20).fill(5) } = {}): Promise<number> {
    const base = madeUpModel();
    const reference = { ...base.manifest.reference, predictions: { width: 0.5, counts } };
    const artifact = encodeArtifact(createRatingModel({ ...base.manifest, reference }, base.weights));
    const runId = uuidv7(clock);
    objects.set(`models/${runId}/manifest.json`, Buffer.from(artifact.manifest));
    await harness.database.execute(
      `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at)
       values ($1, $2, 'succeeded', '{}', 'input', 'dataset', 'views', 'wasm', $3)`,
      [runId, RATING_MODEL, clock.now()],
    );
    const { version } = await registry.registerVersion({
      ...{ name: RATING_MODEL, runId, artifactKey: `models/${runId}`, artifactSha256: artifact.sha256 },
      metrics: { ...base.manifest.metrics, rmse },
    });
    await registry.moveAlias({
      ...{ name: RATING_MODEL, alias: "champion", to: version, by: "gate", reason: "Better.", metrics: {} },
    });
    return version;
  }

  async function film(
    tmdbId: number,
    releaseDate: string,
    ...observations: [day: string, average: number, votes: number][]
  ) {
    await harness.database.execute(
      "insert into movies (tmdb_id, imdb_id, title, release_date, payload_sha256) values ($1, $2, 'A film', $3, 'hash')",
      [tmdbId, `tt${String(tmdbId).padStart(7, "0")}`, releaseDate],
    );
    for (const [day, average, votes] of observations) {
      await harness.database.execute("insert into imdb_ratings values ($1, $2, $3, $4)", [
        ...[tmdbId, day, average, votes],
      ]);
    }
  }

  const prediction = (changes: object): PredictionEvent => ({
    ...{ id: uuidv7(clock), at: NOW as PredictionEvent["at"], traceId: "a trace", tmdbId: null },
    model: { name: RATING_MODEL, version: 1 },
    asOf: "2026-01-01" as PredictionEvent["asOf"],
    ...{ rating: 6, interval: { lower: 5, upper: 7 }, actualKnown: false, missing: [], stale: [] },
    ...changes,
  });
  const predict = (...changes: object[]) => storePredictions(harness.database, changes.map(prediction));

  /** Computes now, and tells the gauges by their names. */
  async function watch(options: Partial<WatchQualityOptions> = {}) {
    const checks = await watchQuality({
      ...harness,
      objectStore: {
        get: async (key) => objects.get(key) ?? Promise.reject(new MarqueeError("OBJECT_NOT_FOUND", key)),
      },
      ...{ intervalSeconds: 3_600, psiDays: 7, psiMinPredictions: 100 },
      ...options,
    });
    await expect.poll(() => harness.metric("quality_computed_timestamp_seconds")).toBe(Date.parse(today) / 1000);
    return checks;
  }
  const gauge = (name: string, version = 1) => harness.metric(`${name}{model="rating",version="${version}"}`);

  it("has no figures before the first model", async () => {
    await watch();
    expect(await harness.metrics.text()).not.toMatch(/marquee_(live|tested|prediction)\w+\{/);
  });

  it("has no live error before a film is mature, and says that there are no films", async () => {
    await promote({ rmse: 0.75 });
    await film(1, "2026-06-01", ["2026-06-30", 7, 1_000]);
    await predict({ tmdbId: 1 });
    await watch();
    expect(await gauge("live_films")).toBe(0);
    expect(await gauge("live_rmse")).toBeUndefined();
    expect(await gauge("tested_rmse")).toBe(0.75);
    expect(await harness.metrics.text()).not.toContain("NaN");
  });

  it("is the root of the mean squared error over mature films", async () => {
    await promote();
    await film(1, JUST_MATURE, ["2026-06-30", 7, 50]);
    await film(2, "2020-01-01", ["2026-06-30", 4, 9_000]);
    await predict({ tmdbId: 1, rating: 6 }, { tmdbId: 2, rating: 6 });
    await watch();
    expect(await gauge("live_films")).toBe(2);
    expect(await gauge("live_rmse")).toBeCloseTo(Math.sqrt((1 + 4) / 2), 10);
  });

  it.each([
    ["with 49 votes", 1, JUST_MATURE, 49],
    ["89 days after release", 1, "2026-04-03", 50],
    ["that nobody asked for", 2, JUST_MATURE, 50],
  ])("does not count a film %s", async (_what, tmdbId, releaseDate, votes) => {
    await promote();
    await film(tmdbId, releaseDate, ["2026-06-30", 7, votes]);
    await predict({ tmdbId: 1, rating: 6 });
    await watch();
    expect(await gauge("live_films")).toBe(0);
  });

  it.each([
    ["made when the rating was known", { actualKnown: true }],
    ["of a film that was described", { tmdbId: null }],
    ["of a version that is gone", { model: { name: RATING_MODEL, version: 7 } }],
    ["of another model", { model: { name: "another", version: 1 } }],
  ])("does not count a prediction %s", async (_what, changes) => {
    await promote();
    await film(1, JUST_MATURE, ["2026-06-30", 7, 50]);
    await predict({ tmdbId: 1, ...changes });
    await watch();
    expect(await gauge("live_films")).toBe(0);
  });

  it("counts a film once, by its first prediction that did not know the rating, and by its latest observation", async () => {
    await promote();
    await film(1, JUST_MATURE, ["2026-05-01", 2, 60], ["2026-06-30", 7, 80], ["2026-06-01", 3, 70]);
    await predict(
      { tmdbId: 1, rating: 7, at: "2026-03-01T00:00:00.000Z", actualKnown: true },
      { tmdbId: 1, rating: 9, at: "2026-05-01T00:00:00.000Z" },
      { tmdbId: 1, rating: 6.5, at: "2026-04-01T00:00:00.000Z" },
    );
    await watch();
    expect([await gauge("live_films"), await gauge("live_rmse")]).toEqual([1, 0.5]);
  });

  it("is shown for the champion and the one before it, and no longer for those before", async () => {
    await film(1, JUST_MATURE, ["2026-06-30", 7, 50]);
    for (const rmse of [0.9, 0.8]) await promote({ rmse });
    await predict(
      ...[1, 2, 3].map((version) => ({ tmdbId: 1, rating: 7 - version, model: { name: RATING_MODEL, version } })),
    );
    await watch({ intervalSeconds: 0.1 });
    expect([await gauge("live_rmse", 1), await gauge("live_rmse", 2)]).toEqual([1, 2]);
    expect([await gauge("tested_rmse", 1), await gauge("tested_rmse", 2)]).toEqual([undefined, 0.8]);
    await promote({ rmse: 0.7 });
    await expect.poll(() => gauge("live_rmse", 3)).toBe(3);
    expect([await gauge("live_rmse", 1), await gauge("live_films", 1), await gauge("live_rmse", 2)]).toEqual([
      ...[undefined, undefined, 2],
    ]);
    expect([await gauge("tested_rmse", 2), await gauge("tested_rmse", 3)]).toEqual([undefined, 0.7]);
  });

  it("is computed soon after new predictions", async () => {
    await promote();
    await film(1, JUST_MATURE, ["2026-06-30", 7, 50]);
    await watch();
    expect(await gauge("live_films")).toBe(0);
    await harness.publish("predictions", prediction({ tmdbId: 1, rating: 6 }));
    await expect.poll(() => gauge("live_films"), { timeout: 10_000 }).toBe(1);
    expect(await gauge("live_rmse")).toBe(1);
  });

  it("does not change when predictions come again", async () => {
    await promote();
    const one = prediction({ tmdbId: 1, rating: 6 });
    await watch();
    await harness.publish("predictions", one, { ...one, rating: 9 });
    await harness.publish("predictions", one);
    await harness.stored("quality", "predictions");
    expect(await harness.database.query("select rating from predictions")).toEqual([{ rating: 6 }]);
    expect(await harness.deadLetters("predictions")).toEqual([]);
  });

  it("goes on with figures of an hour ago while it cannot be computed, and says so", async () => {
    await promote();
    const checks = await watch({ intervalSeconds: 0.1 });
    await harness.database.execute("alter table predictions rename to predictions_away");
    const problem = () => checks.find(({ name }) => name === "quality")?.problem();
    await expect.poll(problem).toContain("predictions");
    expect(await gauge("live_films")).toBe(0);
    await harness.database.execute("alter table predictions_away rename to predictions");
    await expect.poll(problem).toBeUndefined();
  });

  describe("drift of predictions", () => {
    const COUNTS = [...new Array<number>(10).fill(0), 100, 200, 400, 200, 100, ...new Array<number>(5).fill(0)];
    /** Films predicted with the shares of the reference, moved up by so many rating points. */
    const spread = (moved: number, changes: object = {}) =>
      COUNTS.flatMap((count, bin) =>
        Array.from({ length: count / 5 }, (_, i) => ({
          ...{ tmdbId: 1_000 * bin + i + 1, rating: Math.min(10, bin * 0.5 + 0.1 + moved), actualKnown: true },
          ...changes,
        })),
      );

    it("is 0 where predictions are spread as in the test, and above 0.25 where they have moved by a point", async () => {
      await promote({ counts: COUNTS });
      await predict(...spread(0));
      await watch({ intervalSeconds: 0.1 });
      await expect.poll(() => gauge("prediction_psi")).toBeCloseTo(0, 2);
      expect(await gauge("prediction_psi_predictions")).toBe(200);
      await harness.database.execute("truncate predictions");
      await predict(...spread(1));
      await expect.poll(() => gauge("prediction_psi")).toBeGreaterThan(0.25);
    });

    it("takes a rating of 10 into the last bin", async () => {
      await promote();
      await predict(...Array.from({ length: 100 }, (_, i) => ({ tmdbId: i + 1, rating: 10 })));
      await watch();
      expect(await gauge("prediction_psi")).toBeGreaterThan(1);
    });

    it("counts a film once however often it is asked for, and each description", async () => {
      await promote({ counts: COUNTS });
      await predict(...spread(0), ...new Array(500).fill({ tmdbId: 12_001, rating: 6.1 }), {}, {}, {});
      await watch();
      expect(await gauge("prediction_psi_predictions")).toBe(203);
      expect(await gauge("prediction_psi")).toBeLessThan(0.05);
    });

    it.each([
      ["too few predictions", spread(0).slice(0, 99), 99],
      ["predictions of last week only", spread(0, { at: "2026-06-24T11:59:59.000Z" }), 0],
      ["another version's predictions only", spread(0, { model: { name: RATING_MODEL, version: 2 } }), 0],
    ])("has no index with %s, and says how many there are", async (_what, changes, predictions) => {
      await promote({ counts: COUNTS });
      await predict(...changes);
      await watch();
      expect(await gauge("prediction_psi")).toBeUndefined();
      expect(await gauge("prediction_psi_predictions")).toBe(predictions);
    });

    it("has no figures without the champion's artifact, while the live error stays", async () => {
      await promote();
      objects.clear();
      await film(1, JUST_MATURE, ["2026-06-30", 7, 50]);
      await predict({ tmdbId: 1, rating: 6 });
      await watch();
      expect(await gauge("prediction_psi_predictions")).toBeUndefined();
      expect(await gauge("live_rmse")).toBe(1);
    });
  });
});
