import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";

/** Where training may run: `native` is the TensorFlow C library through tfjs-node, `wasm` runs anywhere. */
export const BACKEND_CHOICES = ["auto", "wasm", "native"] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];
export type BackendName = Exclude<BackendChoice, "auto">;

const share = z.number().min(0).max(0.9);

/**
 * Everything that decides how a model comes out, apart from the data. Stored in the artifact.
 * The defaults were chosen on TMDB 5000's films of 2004–2011, each two years tested on a model of all films before;
 * around them the RMSE is flat: no step away from any of them moved it by more than 0.006.
 */
export const trainingSettingsSchema = z.strictObject({
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  /** Networks whose mean is the prediction; each has its own random numbers. More than 6 gained nothing measurable. */
  members: z.int().min(1).max(32).default(6),
  hiddenUnits: z.int().min(1).max(512).default(64),
  /** Share of hidden units dropped in a step. */
  hiddenDropout: share.default(0.3),
  /** Share of single inputs dropped in a step; the others are scaled up, as dropout does. */
  inputDropout: share.default(0.1),
  /**
   * Share of rows from which a whole feature group is hidden in a step, per group, so that a sparse request is answered
   * sensibly. 0.2 gains 0.010 RMSE where only genres and director are known, and loses 0.006 where all is.
   */
  groupDropout: share.default(0.05),
  learningRate: z.number().positive().max(1).default(0.015),
  /** 0.5 is as good as 0.1 where all is known, and better by 0.002 where little is. */
  weightDecay: z.number().min(0).max(10).default(0.5),
  /** Share of the steps in which the learning rate rises. */
  warmUp: z.number().min(0.001).max(0.9).default(0.1),
  batchSize: z.int().min(1).max(65_536).default(128),
  /** The schedule's length; training stops on it where the validation films say (train-ensemble.ts). */
  epochs: z.int().min(1).max(1_000).default(15),
  /** Standard deviations at which inputs are cut. */
  clip: z.number().positive().default(5),
  /** Share of the films before testFrom, the latest, on which epochs are chosen and intervals calibrated. */
  validationShare: z.number().min(0.05).max(0.5).default(0.15),
  /** Films released from this day on are tested on; unset, a January 1st is chosen (split.ts). */
  testFrom: calendarDateSchema.optional(),
  /** Where testFrom is unset: as many of the latest films are tested on, at most a sixth of all. */
  testFilms: z.int().min(50).optional(),
  /** Share of films that the prediction interval promises to hold. */
  coverage: z.number().min(0.5).max(0.99).default(0.9),
});
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

/**
 * Fills in the defaults.
 * @throws MarqueeError SETTINGS_INVALID that names every setting that is wrong
 */
export function parseTrainingSettings(given: Partial<TrainingSettings> = {}): TrainingSettings {
  const parsed = trainingSettingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new MarqueeError("SETTINGS_INVALID", `Training settings are wrong:\n${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}
