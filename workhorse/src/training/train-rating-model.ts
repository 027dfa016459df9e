import { CLIMATE_COLUMN } from "@marquee/shared/features/climate-view";
import { type EncodedArtifact, encodeArtifact } from "@marquee/shared/model/artifact";
import { createEnsemble } from "@marquee/shared/model/ensemble";
import { checkGoldenRows } from "@marquee/shared/model/golden-rows";
import { predict } from "@marquee/shared/model/kernel";
import type { Calibration, Manifest } from "@marquee/shared/model/manifest";
import { createRatingModel, groupColumns, type RatingModel } from "@marquee/shared/model/rating-model";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { calibrate } from "./calibration.ts";
import { describeData, describeModel } from "./describe-model.ts";
import { type Evaluation, evaluate } from "./evaluation.ts";
import { createExamples, fitScaler } from "./input-examples.ts";
import { blendWeights, fitLinear, linearShare, predictLinearPart } from "./linear-part.ts";
import { rmseOf } from "./metrics.ts";
import { predictNetworks } from "./network.ts";
import { splitByTime } from "./split.ts";
import { type ChosenEpochs, chooseEpochs, trainEnsemble } from "./train-ensemble.ts";
import { createProgressReporter, type TrainingProgress } from "./training-progress.ts";
import type { Fitted, Run } from "./training-run.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";
import type { BackendName } from "./training-settings.ts";
import { parseTrainingSettings, type TrainingSettings } from "./training-settings.ts";

export interface TrainOptions {
  set: TrainingSet;
  /** What is not given has its default (training-settings.ts). */
  settings?: Partial<TrainingSettings>;
  /** As selectBackend made it ready. */
  backend: BackendName;
  log: Logger;
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
  /** Only for the seconds in progress and report. */
  clock?: Clock;
}

/** What is known of a run when it has ended. Plain JSON. */
export interface EvaluationReport extends Omit<Evaluation, "predictions"> {
  settings: TrainingSettings;
  backend: BackendName;
  /** Chosen, and the ensemble's RMSE on the validation films after each one. */
  epochs: { chosen: number; validationRmse: number[] };
  /** Of the linear part in the prediction, 0…1; chosen on the validation films. */
  linearShare: number;
  /** RMSE of the refitted model on the test films, which it has learned from too: no test, but a bound. */
  refitRmse: number;
  data: Manifest["data"];
  seconds: number;
}

export interface TrainedModel {
  artifact: EncodedArtifact;
  model: RatingModel;
}

/** The model that was tested, and beside it the one that is to serve. */
export interface TrainingResult extends TrainedModel {
  /** The same settings, epochs and shares fitted once more on all films, so that it knows the latest too. */
  refitted: TrainedModel;
  report: EvaluationReport;
}

/**
 * Trains a model of the rating and tests it on later films than it has learned from: chooses the number of epochs and
 * calibrates intervals on the validation films, fits on train and validation films for as many epochs, tests, and fits
 * once more on all films.
 * On the backend `wasm` equal set and settings give artifacts of equal bytes.
 * @throws MarqueeError TRAINING_DATA_INSUFFICIENT, SETTINGS_INVALID; the signal's reason once it is aborted
 */
export async function trainRatingModel(options: TrainOptions): Promise<TrainingResult> {
  const { log, clock = systemClock } = options;
  const startedAt = clock.now().getTime();
  const run = prepareRun(options, clock);
  const data = describeData(run);
  log.info({ data, backend: run.backend, settings: run.settings }, "training began");

  const { train, validation, test } = run.split;
  const { chosen, share, calibration } = await chooseAndCalibrate(run);
  const passes = { epochs: chosen.epochs, share };
  run.progress.begin("fitting", chosen.epochs);
  const fitted = await fit(run, [...train, ...validation], passes);
  const evaluation = evaluateFitted(run, fitted, calibration);
  const findings = { calibration, evaluation, data, epochs: chosen.epochs, linearShare: share };
  const tested = finish(describeModel(run, fitted, findings), fitted);
  run.progress.begin("refitting", chosen.epochs);
  const refit = await fit(run, [...train, ...validation, ...test], passes);
  const refitted = finish({ ...describeModel(run, refit, findings), refit: true }, refit);

  const { predictions: _predictions, ...figures } = evaluation;
  const refitRmse = rmseOf(
    test.map(({ values }) => predict(refitted.model, values).rating),
    test.map(({ rating }) => rating),
  );
  const seconds = (clock.now().getTime() - startedAt) / 1000;
  log.info({ sha256: tested.artifact.sha256, metrics: figures.metrics, refitRmse, seconds }, "training ended");
  const epochs = { chosen: chosen.epochs, validationRmse: chosen.validationRmse };
  const { settings, backend } = run;
  const report = { ...figures, settings, backend, epochs, linearShare: share, refitRmse, data, seconds };
  return { ...tested, refitted, report };
}

/** Puts the model together as it will be served, and checks that it is. */
function finish(manifest: Manifest, { weights }: Fitted): TrainedModel {
  const model = createRatingModel(manifest, weights);
  checkGoldenRows(model);
  return { artifact: encodeArtifact(model), model };
}

function prepareRun({ set, backend, onProgress, signal, ...options }: TrainOptions, clock: Clock): Run {
  const settings = parseTrainingSettings(options.settings);
  return {
    set,
    settings,
    backend,
    shape: { members: settings.members, inputs: set.columns.length, hiddenUnits: settings.hiddenUnits },
    climateColumn: climateColumnOf(set),
    split: splitByTime(set.rows, settings),
    progress: createProgressReporter(settings, clock, onProgress ?? (() => {})),
    signal,
  };
}

function climateColumnOf({ columns }: TrainingSet): number {
  const index = columns.findIndex(({ name }) => name === CLIMATE_COLUMN);
  if (index < 0) throw new MarqueeError("INTERNAL", `The training set has no column ${CLIMATE_COLUMN}.`);
  return index;
}

/** What the first pass decides for the second. */
interface Choices {
  chosen: ChosenEpochs;
  share: number;
  calibration: Calibration;
}

/** The first pass: a model that has not seen the validation films. */
async function chooseAndCalibrate(run: Run): Promise<Choices> {
  const { set, settings, shape, climateColumn, split, progress, signal } = run;
  const scaler = fitScaler(split.train, set.columns.length, settings.clip);
  const examples = createExamples(split.train, set.columns, scaler, climateColumn);
  const validation = createExamples(split.validation, set.columns, scaler, climateColumn);
  progress.begin("choosing epochs", settings.epochs);
  const chosen = await chooseEpochs({ examples, validation, settings, onEpoch: progress.epochDone, signal });
  const linear = fitLinear(examples);
  const share = linearShare(
    validation.targets,
    predictLinearPart(linear, validation),
    predictNetworks(shape, chosen.weights, validation.inputs),
  );
  const calibration = calibrate({
    ensemble: createEnsemble(shape, blendWeights(shape, linear, chosen.weights, share), scaler, climateColumn),
    groups: groupColumns(set.columns),
    films: split.validation,
    coverage: settings.coverage,
    seed: settings.seed,
  });
  return { chosen, share, calibration };
}

/** A later pass: for as many epochs as the first has found out. */
async function fit(
  run: Run,
  rows: TrainingRow[],
  { epochs, share }: { epochs: number; share: number },
): Promise<Fitted> {
  const { set, settings, shape, climateColumn, progress, signal } = run;
  const scaler = fitScaler(rows, set.columns.length, settings.clip);
  const examples = createExamples(rows, set.columns, scaler, climateColumn);
  const networks = await trainEnsemble({ examples, settings, epochs, onEpoch: progress.epochDone, signal });
  return { rows, examples, scaler, weights: blendWeights(shape, fitLinear(examples), networks, share) };
}

function evaluateFitted(
  { set, shape, climateColumn, split }: Run,
  fitted: Fitted,
  calibration: Calibration,
): Evaluation {
  const predictor = {
    ensemble: createEnsemble(shape, fitted.weights, fitted.scaler, climateColumn),
    groups: groupColumns(set.columns),
    manifest: { calibration },
  };
  const examples = createExamples(split.test, set.columns, fitted.scaler, climateColumn);
  const tested = { rows: split.test, examples };
  return evaluate(predictor, { columns: set.columns, learned: fitted, tested }, split.testFrom);
}
