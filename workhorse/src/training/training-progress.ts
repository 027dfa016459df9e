import type { Clock } from "@marquee/shared/service/clock";
import type { EpochDone } from "./train-ensemble.ts";
import type { TrainingSettings } from "./training-settings.ts";

/** Where a training run stands, told after each epoch of each member. */
export interface TrainingProgress extends EpochDone {
  /**
   * First the number of epochs is chosen on the validation films, then the model is fitted on them too and tested, then
   * fitted on the test films too.
   */
  phase: "choosing epochs" | "fitting" | "refitting";
  members: number;
  epochs: number;
  /** Epochs of single members that are done, and all that there will be as far as is known. */
  stepsDone: number;
  steps: number;
  secondsLeft: number;
}

export interface ProgressReporter {
  /** Begins a pass of so many epochs per member. */
  begin(phase: TrainingProgress["phase"], epochs: number): void;
  epochDone(done: EpochDone): void;
}

/** Counts steps over all three passes. Until the second one begins the later two are taken to be as long as the first. */
export function createProgressReporter(
  { members, epochs: scheduled }: TrainingSettings,
  clock: Clock,
  onProgress: (progress: TrainingProgress) => void,
): ProgressReporter {
  const startedAt = clock.now().getTime();
  const pass = { phase: "choosing epochs" as TrainingProgress["phase"], epochs: scheduled };
  let stepsDone = 0;
  let steps = 3 * members * scheduled;
  return {
    begin: (phase, epochs) => {
      pass.phase = phase;
      pass.epochs = epochs;
      if (phase === "fitting") steps = stepsDone + 2 * members * epochs;
    },
    epochDone: (done) => {
      stepsDone++;
      const secondsPerStep = (clock.now().getTime() - startedAt) / 1000 / stepsDone;
      const secondsLeft = secondsPerStep * (steps - stepsDone);
      onProgress({ ...done, phase: pass.phase, epochs: pass.epochs, members, stepsDone, steps, secondsLeft });
    },
  };
}
