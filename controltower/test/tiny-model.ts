import { type ModelMetrics, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { CLIMATE_COLUMN } from "@marquee/shared/features/climate-view";
import { RATING_COLUMNS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { ARTIFACT_FORMAT, type Manifest } from "@marquee/shared/model/manifest";
import { createRatingModel, describeWeights, type RatingModel } from "@marquee/shared/model/rating-model";

export interface TinyModelOptions {
  /** Rating points added to every prediction, which tells two models apart. */
  shift?: number;
  viewsHash?: string;
  /** How far the golden row lies from what the model predicts. */
  goldenError?: number;
}

export const TINY_METRICS: ModelMetrics = {
  rmse: 0.8,
  mae: 0.6,
  r2: 0.3,
  spearman: 0.55,
  bias: 0.02,
  coverage: 0.9,
  testedFilms: 900,
  testFrom: "2012-01-01" as CalendarDate,
  baselines: { mean: 1 },
  members: {},
};

/** Its interval, rating points below and above the rating. */
const TINY_INTERVAL = { lower: -1.5, upper: 1 };
/** Mean climate of the films that it claims to have learned from. */
const MEAN_CLIMATE = 6;

/**
 * A model that can be checked in the head: rating = climate + director_mean + (runtime − 100) / 100 + shift, where an
 * unknown part counts as 0. Two hidden units, max(0, z) and max(0, −z), whose difference is z.
 */
export function tinyModel({
  shift = 0,
  viewsHash = RATING_VIEWS_HASH,
  goldenError = 0,
}: TinyModelOptions = {}): RatingModel {
  const inputs = RATING_COLUMNS.length;
  const weightOf: Partial<Record<string, number>> = { director_mean: 1, runtime_minutes: 1 };
  const first = RATING_COLUMNS.flatMap(({ name }) => [weightOf[name] ?? 0, -(weightOf[name] ?? 0)]);
  const linear = new Float32Array(inputs + 1);
  const weights = Float32Array.from([...linear, ...first, 0, 0, 1, -1, shift]);
  const scaled = (name: string) => name === "runtime_minutes";
  const manifest: Manifest = {
    format: ARTIFACT_FORMAT,
    name: RATING_MODEL,
    codeVersion: "0.0.0",
    network: { members: 1, inputs, hiddenUnits: 2, activation: "relu", epochs: 1, linearShare: 0 },
    settings: {},
    backend: "wasm",
    viewsHash,
    columns: RATING_COLUMNS.map(({ name, group }) => ({ name, group })),
    scaler: {
      mean: RATING_COLUMNS.map(({ name }) => (scaled(name) ? 100 : 0)),
      scale: RATING_COLUMNS.map(({ name }) => (scaled(name) ? 100 : 1)),
      clip: 10,
    },
    target: { minus: CLIMATE_COLUMN, mean: MEAN_CLIMATE },
    calibration: { coverage: 0.9, ...TINY_INTERVAL, difficulty: { perPoint: 0, perMissing: {} }, films: 100 },
    metrics: TINY_METRICS,
    slices: [],
    data: {
      trainingSetHash: "0".repeat(64),
      rows: 100,
      firstRelease: "1990-01-01" as CalendarDate,
      lastRelease: "2020-01-01" as CalendarDate,
      testFrom: TINY_METRICS.testFrom,
      validationFrom: "2010-01-01" as CalendarDate,
      trainFilms: 50,
      validationFilms: 20,
      testFilms: 30,
    },
    reference: { predictions: { width: 0.5, counts: [] }, columns: [] },
    goldenRows: [
      {
        values: RATING_COLUMNS.map(({ name }) => GOLDEN[name] ?? null),
        rating: 6.25 + 0.5 + 0.2 + shift + goldenError,
      },
    ],
    weights: describeWeights(weights),
  };
  return createRatingModel(manifest, weights);
}

const GOLDEN: Partial<Record<string, number>> = { climate_mean: 6.25, director_mean: 0.5, runtime_minutes: 120 };
