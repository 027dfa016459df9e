import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodeArtifact } from "@marquee/shared/model/artifact";
import { uncutRating } from "@marquee/shared/model/ensemble";
import { explain } from "@marquee/shared/model/explain";
import { checkGoldenRows } from "@marquee/shared/model/golden-rows";
import { predict } from "@marquee/shared/model/kernel";
import { createLogger } from "@marquee/shared/service/logger";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { selectBackend } from "../src/training/backend.ts";
import { createExamples } from "../src/training/input-examples.ts";
import { predictWithWeights } from "../src/training/network.ts";
import { SYNTHETIC_NOISE, syntheticTrainingSet } from "../src/training/testing/synthetic-training-set.ts";
import { type TrainingResult, type TrainOptions, trainRatingModel } from "../src/training/train-rating-model.ts";
import type { TrainingProgress } from "../src/training/training-progress.ts";

const set = syntheticTrainingSet({ films: 1_500 });
const log = createLogger("test", "silent");
const settings = { members: 3, epochs: 8 };

const train = (options: Partial<TrainOptions> = {}) =>
  trainRatingModel({ set, settings, backend: "wasm", log, ...options });

describe("a rating model trained on WebAssembly", () => {
  const progress: TrainingProgress[] = [];
  let result: TrainingResult;
  let tensorsLeft: number;

  beforeAll(async () => {
    await selectBackend("wasm");
    const before = tf.memory().numTensors;
    result = await train({ onProgress: (p) => progress.push(p) });
    tensorsLeft = tf.memory().numTensors - before;
  });

  test("is the same bytes when it is trained again", async () => {
    const again = await train();
    expect(again.artifact.sha256).toBe(result.artifact.sha256);
    expect(again.artifact.weights).toEqual(result.artifact.weights);
    expect(again.artifact.manifest).toEqual(result.artifact.manifest);
    expect(again.refitted.artifact.sha256).toBe(result.refitted.artifact.sha256);
  });

  test("is another one with another seed, as good but for chance", async () => {
    const other = await train({ settings: { ...settings, seed: 2 } });
    expect(other.artifact.sha256).not.toBe(result.artifact.sha256);
    expect(Math.abs(other.report.metrics.rmse - result.report.metrics.rmse)).toBeLessThan(0.05);
  });

  test("is better than every baseline, and near what can be known", () => {
    const { rmse, baselines, testedFilms } = result.report.metrics;
    expect(Object.keys(baselines)).toEqual(["mean", "director"]);
    for (const baseline of Object.values(baselines)) expect(rmse).toBeLessThan(baseline);
    expect(rmse).toBeLessThan(1.2 * SYNTHETIC_NOISE);
    expect(testedFilms).toBe(result.report.data.testFilms);
  });

  test("promises intervals that the test films keep", () => {
    const { coverage, meanWidth } = result.report.intervals;
    // Three standard errors: some 200 calibration films and some 280 test films.
    expect(Math.abs(coverage - 0.9)).toBeLessThan(0.09);
    expect(meanWidth).toBeLessThan(4 * SYNTHETIC_NOISE);
  });

  test("is served by the kernel as TensorFlow computes it, on 1,000 rows with unknown values", () => {
    const { model } = result;
    const rows = set.rows.slice(0, 1_000);
    expect(rows.some(({ values }) => values.some(Number.isNaN))).toBe(true);
    const { scaler } = model.ensemble;
    const { inputs } = createExamples(rows, set.columns, scaler, 0);
    const expected = predictWithWeights(model.manifest.network, model.weights, inputs);
    const differences = rows.map(({ values }, i) =>
      Math.abs(uncutRating(model.ensemble, values) - (values[0]! + expected[i]!)),
    );
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  test("explains itself completely", () => {
    for (const { values } of set.rows.slice(0, 200)) {
      const { base, contributions } = explain(result.model, values);
      const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
      expect(Math.abs(sum - uncutRating(result.model.ensemble, values))).toBeLessThan(1e-9);
    }
  });

  test("finds what moves ratings: of a film by an acclaimed director, the director most", () => {
    const row = set.rows.find(({ values }) => values[8]! > 0.9 && values[6] === 0)!;
    const { contributions } = explain(result.model, row.values);
    const strongest = contributions.toSorted((a, b) => b.contribution - a.contribution)[0];
    expect(strongest?.group).toBe("director");
  });

  test("is read back from its artifact, with 50 golden rows that come out right", () => {
    const { manifest, weights, sha256 } = result.artifact;
    const decoded = decodeArtifact(manifest, weights, sha256);
    expect(decoded.manifest.goldenRows.length).toBe(50);
    expect(checkGoldenRows(decoded)).toBeLessThan(1e-5);
    const { values } = set.rows.at(-1)!;
    expect(predict(decoded, values)).toEqual(predict(result.model, values));
  });

  test("says what it was made from", () => {
    const { data, metrics, settings: kept, backend, viewsHash } = result.model.manifest;
    expect(data).toMatchObject({ trainingSetHash: set.hash, rows: 1_500 });
    expect(data.trainFilms + data.validationFilms + data.testFilms).toBe(1_500);
    expect(metrics).toEqual(result.report.metrics);
    expect(kept).toMatchObject({ seed: 1, members: 3, epochs: 8, learningRate: 0.015 });
    expect([backend, viewsHash]).toEqual(["wasm", set.viewsHash]);
  });

  test("is fitted once more on the test films too, and that one serves", () => {
    const { model, refitted, report } = result;
    expect([model.manifest.refit, refitted.model.manifest.refit]).toEqual([undefined, true]);
    const { metrics, data, calibration, network } = refitted.model.manifest;
    expect({ metrics, data, calibration, network }).toEqual({
      metrics: model.manifest.metrics,
      data: model.manifest.data,
      calibration: model.manifest.calibration,
      network: model.manifest.network,
    });
    const tested = set.rows.filter(({ releaseDate }) => releaseDate >= data.testFrom);
    const errors = tested.map(({ values, rating }) => predict(refitted.model, values).rating - rating);
    expect(report.refitRmse).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length), 12);
    expect(report.refitRmse).toBeLessThan(report.metrics.rmse);
    const { manifest, weights, sha256 } = refitted.artifact;
    expect(checkGoldenRows(decodeArtifact(manifest, weights, sha256))).toBeLessThan(1e-5);
  });

  test("tells its progress after each epoch of each member, in all three passes", () => {
    const chosen = result.report.epochs.chosen;
    expect(progress.length).toBe(3 * 8 + 2 * 3 * chosen);
    expect(progress[0]).toMatchObject({ phase: "choosing epochs", member: 1, members: 3, epoch: 1, epochs: 8 });
    expect(progress[0]?.validationRmse).toBeGreaterThan(0);
    expect(progress.at(-1)).toMatchObject({ phase: "refitting", member: 3, epoch: chosen, secondsLeft: 0 });
    expect(progress.at(-1)?.stepsDone).toBe(progress.at(-1)?.steps);
  });

  test("leaves no tensor behind", () => {
    expect(tensorsLeft).toBe(0);
  });
});

describe("training", () => {
  beforeAll(async () => {
    await selectBackend("wasm");
  });

  test("gives the event loop its turn all the while", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      await train({ settings: { members: 1, epochs: 4 } });
    } finally {
      clearInterval(timer);
    }
    expect(turns).toBeGreaterThan(10);
  });

  test("ends at once when it is aborted, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const reason = new DOMException("stopping", "AbortError");
    let epochs = 0;
    const stopped = train({
      signal: abort.signal,
      onProgress: () => {
        epochs++;
        abort.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(epochs).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses a set that is too small, and says how many films are needed", async () => {
    const refused = train({ set: syntheticTrainingSet({ films: 90 }) });
    await expect(refused).rejects.toMatchObject({ code: "TRAINING_DATA_INSUFFICIENT", statusCode: 422 });
    await expect(refused).rejects.toThrow(/films to learn from, and 100 are needed/);
  });

  test("refuses settings with which it diverges", async () => {
    const diverged = train({ settings: { members: 1, epochs: 8, learningRate: 1, weightDecay: 10 } });
    await expect(diverged).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
    await expect(diverged).rejects.toThrow(/diverged: in epoch \d/);
  });
});

describe("the backend", () => {
  const nativeInstalled = (() => {
    try {
      import.meta.resolve("@tensorflow/tfjs-node");
      return true;
    } catch {
      return false;
    }
  })();

  test("is WebAssembly wherever the native library is not installed", async () => {
    expect((await selectBackend("auto")).name).toBe(nativeInstalled ? "native" : "wasm");
  });

  test.skipIf(nativeInstalled)("says how to get the native library where it is asked for and not there", async () => {
    const refused = selectBackend("native");
    await expect(refused).rejects.toMatchObject({ code: "TRAINING_BACKEND_UNAVAILABLE" });
    await expect(refused).rejects.toThrow(/npm install @tensorflow\/tfjs-node/);
  });

  test("keeps standard output clean: a command's result may go there", async () => {
    const module = fileURLToPath(new URL("../src/training/backend.ts", import.meta.url));
    const script = `const { selectBackend } = await import(${JSON.stringify(module)}); await selectBackend("wasm");`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    expect(stdout).toBe("");
  });
});
