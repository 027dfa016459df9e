import type { Examples } from "./input-examples.ts";
import { mean, rmseOf } from "./metrics.ts";
import { type Network, predictWith } from "./network.ts";
import { trainNetwork } from "./train-network.ts";
import type { TrainingSettings } from "./training-settings.ts";

/** One epoch of one member is done. */
export interface EpochDone {
  /** From 1. */
  member: number;
  /** From 1. */
  epoch: number;
  /** Mean squared error over the epoch, dropout at work. */
  loss: number;
  /** The member's own, in rating points; undefined in the pass that learns from the validation films too. */
  validationRmse: number | undefined;
}

export interface EnsembleTraining {
  examples: Examples;
  settings: TrainingSettings;
  onEpoch: (done: EpochDone) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Trains all members for so many epochs.
 * @returns their weights, member after member
 */
export async function trainEnsemble(training: EnsembleTraining & { epochs: number }): Promise<Float32Array> {
  const { examples, settings, epochs, onEpoch, signal } = training;
  const weights: Float32Array[] = [];
  for (let member = 0; member < settings.members; member++) {
    const onMemberEpoch = (epoch: number, loss: number) =>
      onEpoch({ member: member + 1, epoch, loss, validationRmse: undefined });
    const network = await trainNetwork({ examples, settings, member, epochs, onEpoch: onMemberEpoch, signal });
    weights.push(network.weights);
  }
  return joinWeights(weights);
}

/**
 * Relative difference in validation RMSE that is noise. Of epochs this close to the best, the latest is kept: over eleven
 * cut-offs from 2000 to 2010 that was better by 0.001 than the best itself, which at times is an early fluke.
 */
const EPOCH_TOLERANCE = 0.005;

export interface ChosenEpochs {
  epochs: number;
  /** The ensemble after that many epochs. */
  weights: Float32Array;
  /** The ensemble's RMSE on the validation films after each epoch. */
  validationRmse: number[];
}

/**
 * Early stopping for the ensemble as a whole: trains all members to the end of the schedule, and finds the epoch up to
 * which their mean did not turn worse on the validation films. (A single member turns worse long before the mean does.)
 */
export async function chooseEpochs(training: EnsembleTraining & { validation: Examples }): Promise<ChosenEpochs> {
  const { examples, validation, settings, onEpoch, signal } = training;
  const snapshots = Array.from({ length: settings.epochs }, () => [] as Float32Array[]);
  const predictions = Array.from({ length: settings.epochs }, () => [] as Float32Array[]);
  for (let member = 0; member < settings.members; member++) {
    const onMemberEpoch = (epoch: number, loss: number, network: Network) => {
      const predicted = predictWith(network, validation.inputs);
      predictions[epoch - 1]?.push(predicted);
      snapshots[epoch - 1]?.push(network.weights.slice());
      onEpoch({ member: member + 1, epoch, loss, validationRmse: rmseOf(predicted, validation.targets) });
    };
    await trainNetwork({ examples, settings, member, epochs: settings.epochs, onEpoch: onMemberEpoch, signal });
  }
  const validationRmse = predictions.map((members) =>
    rmseOf(
      Array.from(validation.targets, (_, row) => mean(members.map((predicted) => predicted[row] ?? Number.NaN))),
      validation.targets,
    ),
  );
  const epochs = latestGoodEpoch(validationRmse);
  return { epochs, weights: joinWeights(snapshots[epochs - 1] ?? []), validationRmse };
}

/**
 * @param rmses after each epoch
 * @returns the latest epoch, from 1, that is as good as the best but for noise
 */
export function latestGoodEpoch(rmses: readonly number[]): number {
  const bound = Math.min(...rmses) * (1 + EPOCH_TOLERANCE);
  return rmses.findLastIndex((rmse) => rmse <= bound) + 1;
}

/** One array after the other. */
export function joinWeights(arrays: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
