import { z } from "zod";
import { modelMetricsSchema, RATING_MODEL } from "../contracts/model-version.ts";
import { calendarDateSchema } from "../contracts/time.ts";
import { FEATURE_GROUPS, type FeatureGroup } from "../features/feature-view.ts";

/** Goes up when an older release could misread an artifact. */
export const ARTIFACT_FORMAT = 1;

/** A hash as `sha256` gives it. */
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const countSchema = z.int().min(0);
const featureGroupSchema = z.enum(Object.keys(FEATURE_GROUPS) as [FeatureGroup, ...FeatureGroup[]]);
/** NaN has no form in JSON; unknown is null there. */
const maybeNumberSchema = z.number().nullable();

const networkSchema = z.strictObject({
  members: z.int().min(1).max(64),
  inputs: z.int().min(1),
  hiddenUnits: z.int().min(1),
  activation: z.literal("relu"),
  /** Passes over the training films, chosen on the validation films. */
  epochs: z.int().min(1),
  /** Of the linear part in the prediction, the rest being the networks' mean; the weights hold it already. */
  linearShare: z.number().min(0).max(1),
});

/** Interval = prediction + difficulty × [lower, upper]; difficulty as difficulty.ts says. */
const calibrationSchema = z.strictObject({
  coverage: z.number(),
  lower: z.number().max(0),
  upper: z.number().min(0),
  difficulty: z.strictObject({
    /** Per rating point that the prediction lies above the climate. */
    perPoint: z.number(),
    /** Added where nothing of a group is known. */
    perMissing: z.partialRecord(featureGroupSchema, z.number()),
  }),
  films: countSchema,
});
export type Calibration = z.infer<typeof calibrationSchema>;

const sliceSchema = z.strictObject({
  by: z.enum(["decade", "genre", "language", "known"]),
  value: z.string(),
  films: countSchema,
  rmse: z.number(),
  bias: z.number(),
  coverage: z.number(),
});
export type Slice = z.infer<typeof sliceSchema>;

/** What the model was made from and how its inputs and outputs were spread, for later comparison. */
const referenceSchema = z.strictObject({
  /** Of the test films, by the model that did not learn from them: counts[i] of ratings in [i × width, (i + 1) × width). */
  predictions: z.strictObject({ width: z.number().positive(), counts: z.array(countSchema) }),
  /** Of the films that it learned from. Null where a column is always unknown. */
  columns: z.array(
    z.strictObject({
      name: z.string(),
      missing: z.number().min(0).max(1),
      mean: maybeNumberSchema,
      /** Minimum, nine deciles, maximum of what is known. */
      deciles: z.array(z.number()).length(11).nullable(),
    }),
  ),
});
export type ReferenceProfile = z.infer<typeof referenceSchema>;

const dataSchema = z.strictObject({
  trainingSetHash: hashSchema,
  rows: countSchema,
  firstRelease: calendarDateSchema,
  lastRelease: calendarDateSchema,
  testFrom: calendarDateSchema,
  /** First release among the validation films. */
  validationFrom: calendarDateSchema,
  trainFilms: countSchema,
  validationFilms: countSchema,
  testFilms: countSchema,
});

const goldenRowSchema = z.strictObject({
  values: z.array(maybeNumberSchema),
  /** What training computed, 0…10. */
  rating: z.number(),
});
export type GoldenRow = z.infer<typeof goldenRowSchema>;

/** manifest.json: all of a model but its weights. No timestamps or random ids: equal training gives equal bytes. */
export const manifestSchema = z.strictObject({
  format: z.literal(ARTIFACT_FORMAT),
  name: z.literal(RATING_MODEL),
  /** The release that trained it. */
  codeVersion: z.string(),
  network: networkSchema,
  /** Training's own schema says what they mean; serving does not look at them. */
  settings: z.record(z.string(), z.json()),
  backend: z.enum(["wasm", "native"]),
  viewsHash: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), group: featureGroupSchema })).min(1),
  scaler: z.strictObject({
    mean: z.array(z.number()),
    scale: z.array(z.number().positive()),
    clip: z.number().positive(),
  }),
  /** The model predicts the rating minus this column. `mean` is the training films' mean of it. */
  target: z.strictObject({ minus: z.string(), mean: z.number() }),
  calibration: calibrationSchema,
  metrics: modelMetricsSchema,
  slices: z.array(sliceSchema),
  data: dataSchema,
  /** Fitted once more, on the test films too, after its test: metrics and slices are those of the model before that. */
  refit: z.literal(true).optional(),
  reference: referenceSchema,
  goldenRows: z.array(goldenRowSchema),
  /** weights.bin: float32, little endian, the linear model and then member after member (ensemble.ts). */
  weights: z.strictObject({ bytes: countSchema, sha256: hashSchema }),
});
export type Manifest = z.infer<typeof manifestSchema>;
