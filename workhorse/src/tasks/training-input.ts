import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { loadTrainingSet } from "../feature-store/training-set.ts";
import type { TrainingSet } from "../training/training-set.ts";
import type { BackendChoice, TrainingSettings } from "../training/training-settings.ts";
import type { TaskContext } from "./task-context.ts";

export interface TrainTaskOptions {
  backend: BackendChoice;
  settings: Partial<TrainingSettings>;
}

/** What a training run is made from. Reading it loads no TensorFlow, so that an unchanged start stays small. */
export interface TrainingInput {
  set: TrainingSet;
  options: TrainTaskOptions;
  /** Identity of the set and the options: an equal run gives an equal model. */
  hash: string;
}

export async function readTrainingInput(context: TaskContext, options: TrainTaskOptions): Promise<TrainingInput> {
  const set = await loadTrainingSet(context);
  return { set, options, hash: sha256(canonicalJson({ set: set.hash, ...options })) };
}
