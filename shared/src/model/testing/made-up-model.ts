import type { FeatureGroup } from "../../features/feature-view.ts";
import { floatsOf } from "../ensemble.ts";
import { cutToScale, predict } from "../kernel.ts";
import type { Manifest } from "../manifest.ts";
import { createRatingModel, describeWeights, type RatingModel } from "../rating-model.ts";

const GROUPS: readonly FeatureGroup[] = ["climate", "release", "genres", "genres", "director", "director", "cast"];

/** A number in −1…1 that looks random and is always the same for the same index. */
export function noise(index: number): number {
  const wave = Math.sin(index * 12.9898 + 78.233) * 43758.5453;
  return 2 * (wave - Math.floor(wave)) - 1;
}

/** A row for the made-up model: the climate first, one value in five unknown. */
export function madeUpRow(index: number, columns = GROUPS.length): Float64Array {
  return Float64Array.from({ length: columns }, (_, i) => {
    const value = noise(index * 101 + i);
    if (i === 0) return 6.5 + value / 2;
    return noise(index * 103 + i + 7) < -0.6 ? Number.NaN : 3 * value;
  });
}

/** Complete and consistent, though nobody trained it: 3 members of 5 hidden units on 7 columns of 5 groups. */
export function madeUpModel(groups: readonly FeatureGroup[] = GROUPS, members = 3, hiddenUnits = 5): RatingModel {
  const inputs = groups.length;
  const shape = { members, inputs, hiddenUnits };
  const weights = Float32Array.from({ length: floatsOf(shape) }, (_, i) => noise(i) / 2);
  const manifest = madeUpManifest(groups, { ...shape, activation: "relu", epochs: 3, linearShare: 0.25 }, weights);
  const model = createRatingModel(manifest, weights);
  const goldenRows = Array.from({ length: 5 }, (_, i) => {
    const row = madeUpRow(i, inputs);
    return {
      values: Array.from(row, (value) => (Number.isNaN(value) ? null : value)),
      rating: cutToScale(predict(model, row).rating),
    };
  });
  return createRatingModel({ ...manifest, goldenRows }, weights);
}

function madeUpManifest(
  groups: readonly FeatureGroup[],
  network: Manifest["network"],
  weights: Float32Array,
): Manifest {
  const columns = groups.map((group, i) => ({ name: i === 0 ? "climate_mean" : `${group}_${i}`, group }));
  const hash = "0".repeat(64);
  return {
    format: 1,
    name: "rating",
    codeVersion: "0.0.0",
    network,
    settings: { seed: 1 },
    backend: "wasm",
    viewsHash: hash,
    columns,
    scaler: {
      mean: groups.map((_, i) => (i === 0 ? 6.5 : noise(i))),
      scale: groups.map((_, i) => 1 + i / 10),
      clip: 5,
    },
    target: { minus: "climate_mean", mean: 6.5 },
    calibration: {
      coverage: 0.9,
      lower: -1.5,
      upper: 1.25,
      difficulty: { perPoint: -0.2, perMissing: { director: 0.1, cast: 0.05 } },
      films: 100,
    },
    metrics: {
      rmse: 0.8,
      mae: 0.6,
      r2: 0.4,
      spearman: 0.6,
      bias: 0.01,
      coverage: 0.9,
      testedFilms: 100,
      testFrom: "2012-01-01" as Manifest["data"]["testFrom"],
      baselines: { mean: 1 },
      members: { ridge: 0.85 },
    },
    slices: [{ by: "decade", value: "2010s", films: 100, rmse: 0.8, bias: 0.01, coverage: 0.9 }],
    data: {
      trainingSetHash: hash,
      rows: 400,
      firstRelease: "1990-01-01" as Manifest["data"]["testFrom"],
      lastRelease: "2016-01-01" as Manifest["data"]["testFrom"],
      testFrom: "2012-01-01" as Manifest["data"]["testFrom"],
      validationFrom: "2010-01-01" as Manifest["data"]["testFrom"],
      trainFilms: 200,
      validationFilms: 100,
      testFilms: 100,
    },
    reference: {
      predictions: { width: 0.5, counts: new Array<number>(20).fill(5) },
      columns: columns.map(({ name }) => ({ name, missing: 1, mean: null, deciles: null })),
    },
    goldenRows: [],
    weights: describeWeights(weights),
  };
}
