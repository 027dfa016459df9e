import type { EnsembleShape } from "@marquee/shared/model/ensemble";
import type { InputScaler } from "@marquee/shared/model/input-scaler";
import type { Examples } from "./input-examples.ts";
import type { TimeSplit } from "./split.ts";
import type { ProgressReporter } from "./training-progress.ts";
import type { TrainingRow, TrainingSet } from "./training-set.ts";
import type { BackendName, TrainingSettings } from "./training-settings.ts";

/** All that one run works with. */
export interface Run {
  set: TrainingSet;
  settings: TrainingSettings;
  backend: BackendName;
  shape: EnsembleShape;
  climateColumn: number;
  split: TimeSplit;
  progress: ProgressReporter;
  signal: AbortSignal | undefined;
}

/** A fitted ensemble with the scaler that belongs to it. */
export interface Fitted {
  rows: TrainingRow[];
  examples: Examples;
  scaler: InputScaler;
  weights: Float32Array;
}
