import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { CLIMATE_COLUMN } from "@marquee/shared/features/climate-view";
import { cutToScale } from "@marquee/shared/model/kernel";
import { ARTIFACT_FORMAT, type Calibration, type GoldenRow, type Manifest } from "@marquee/shared/model/manifest";
import { describeWeights } from "@marquee/shared/model/rating-model";
import { VERSION } from "@marquee/shared/service/version";
import type { Evaluation } from "./evaluation.ts";
import { createExamples } from "./input-examples.ts";
import { predictWithWeights } from "./network.ts";
import { profileOf } from "./reference-profile.ts";
import type { Fitted, Run } from "./training-run.ts";

/** Rows that an artifact carries with their outputs, spread evenly over the years. */
const GOLDEN_ROWS = 50;

/** What a run has found out beside the weights. */
interface Findings {
  calibration: Calibration;
  evaluation: Evaluation;
  data: Manifest["data"];
  /** Passes over the films that the model learned from. */
  epochs: number;
  /** Of the linear part in the prediction. */
  linearShare: number;
}

/** All that the artifact says of the model. */
export function describeModel(run: Run, fitted: Fitted, findings: Findings): Manifest {
  const { set, settings, shape, backend, climateColumn } = run;
  const { mean, scale, clip } = fitted.scaler;
  const { calibration, evaluation, data, epochs, linearShare } = findings;
  return {
    format: ARTIFACT_FORMAT,
    name: RATING_MODEL,
    codeVersion: VERSION,
    network: { ...shape, activation: "relu", epochs, linearShare },
    settings: Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    backend,
    viewsHash: set.viewsHash,
    columns: set.columns.map(({ name, group }) => ({ name, group })),
    scaler: { mean: [...mean], scale: [...scale], clip },
    target: { minus: CLIMATE_COLUMN, mean: mean[climateColumn] ?? Number.NaN },
    calibration,
    metrics: evaluation.metrics,
    slices: evaluation.slices,
    data,
    reference: profileOf(fitted.rows, set.columns, evaluation.predictions),
    goldenRows: goldenRowsOf(run, fitted),
    weights: describeWeights(fitted.weights),
  };
}

/** Which films the run learned from and was tested on. */
export function describeData({ set, split }: Run): Manifest["data"] {
  const { train, validation, test, testFrom } = split;
  return {
    trainingSetHash: set.hash,
    rows: set.rows.length,
    firstRelease: train[0]?.releaseDate ?? testFrom,
    lastRelease: test.at(-1)?.releaseDate ?? testFrom,
    testFrom,
    validationFrom: validation[0]?.releaseDate ?? testFrom,
    trainFilms: train.length,
    validationFilms: validation.length,
    testFilms: test.length,
  };
}

/** Rows with TensorFlow's own output for them, so that checking them checks the kernel too. */
function goldenRowsOf({ set, shape, climateColumn }: Run, { scaler, weights }: Fitted): GoldenRow[] {
  const count = Math.min(GOLDEN_ROWS, set.rows.length);
  const rows = Array.from({ length: count }, (_, i) => set.rows[Math.floor((i * set.rows.length) / count)]).filter(
    (row) => row !== undefined,
  );
  const { inputs } = createExamples(rows, set.columns, scaler, climateColumn);
  const aboveClimate = predictWithWeights(shape, weights, inputs);
  return rows.map(({ values }, i) => ({
    values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    rating: cutToScale((values[climateColumn] ?? Number.NaN) + (aboveClimate[i] ?? Number.NaN)),
  }));
}
