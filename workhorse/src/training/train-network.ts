import { setImmediate } from "node:timers/promises";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createAdamW, warmUpCosine } from "./adamw.ts";
import type { Examples } from "./input-examples.ts";
import { type Batch, createNetwork, lossAndGradients, type Network } from "./network.ts";
import { createSeededRandom, type SeededRandom, shuffle } from "./seeded-random.ts";
import type { TrainingSettings } from "./training-settings.ts";

export interface NetworkTraining {
  examples: Examples;
  settings: TrainingSettings;
  /** Number of the member in the ensemble, from 0: with the seed, what its random numbers are. */
  member: number;
  /** Where to stop on the schedule of `settings.epochs`. */
  epochs: number;
  /** Told after each epoch, from 1, with the mean loss over it. */
  onEpoch(epoch: number, loss: number, network: Network): void;
  signal?: AbortSignal | undefined;
}

/**
 * Trains one member. Gives the event loop a turn after every batch, so that a process that also serves stays responsive.
 * @throws the signal's reason once it is aborted; MarqueeError SETTINGS_INVALID where the loss grows beyond all numbers
 */
export async function trainNetwork(training: NetworkTraining): Promise<Network> {
  const { examples, settings, epochs, signal } = training;
  const random = createSeededRandom(settings.seed, training.member);
  const network = createNetwork(examples.columns, settings.hiddenUnits, random);
  const optimizer = createAdamW(network.parameters, settings.weightDecay);
  const order = Uint32Array.from({ length: examples.rows }, (_, i) => i);
  const batches = Math.ceil(examples.rows / settings.batchSize);
  const allSteps = batches * settings.epochs;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    shuffle(order, random);
    let lossSum = 0;
    for (let i = 0; i < batches; i++) {
      signal?.throwIfAborted();
      const rows = order.subarray(i * settings.batchSize, (i + 1) * settings.batchSize);
      const { loss, gradients } = lossAndGradients(network, drawBatch(examples, rows, settings, random));
      const progress = ((epoch - 1) * batches + i + 1) / allSteps;
      optimizer.step(gradients, settings.learningRate * warmUpCosine(progress, settings.warmUp));
      lossSum += loss * rows.length;
      await setImmediate();
    }
    assertFinite(lossSum, epoch, settings);
    training.onEpoch(epoch, lossSum / examples.rows, network);
  }
  return network;
}

function assertFinite(loss: number, epoch: number, { learningRate }: TrainingSettings): void {
  if (Number.isFinite(loss)) return;
  throw new MarqueeError(
    "SETTINGS_INVALID",
    `Training diverged: in epoch ${epoch} the loss is ${loss}. Set learningRate lower than ${learningRate}.`,
  );
}

/**
 * Copies the rows and drops whole groups, single inputs and hidden units as the settings say. Multiplies by 0 or 1
 * where a branch would read better: a branch on a random number is mispredicted, which doubled the time.
 */
export function drawBatch(
  { columns, inputs, targets, groupOf }: Examples,
  rows: Uint32Array,
  settings: TrainingSettings,
  random: SeededRandom,
): Batch {
  const batch = new Float32Array(rows.length * columns);
  const batchTargets = new Float32Array(rows.length);
  const groupFactor = new Uint8Array(groupOf.reduce((most, group) => Math.max(most, group + 1), 0));
  const keptInput = 1 / (1 - settings.inputDropout);
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] ?? 0;
    batchTargets[r] = targets[row] ?? 0;
    for (let g = 0; g < groupFactor.length; g++) groupFactor[g] = Number(random.next() >= settings.groupDropout);
    for (let c = 0; c < columns; c++) {
      const factor = Number(random.next() >= settings.inputDropout) * keptInput * (groupFactor[groupOf[c] ?? 0] ?? 1);
      batch[r * columns + c] = (inputs[row * columns + c] ?? 0) * factor;
    }
  }
  const hiddenMask = new Float32Array(rows.length * settings.hiddenUnits);
  const keptUnit = 1 / (1 - settings.hiddenDropout);
  for (let i = 0; i < hiddenMask.length; i++) {
    hiddenMask[i] = Number(random.next() >= settings.hiddenDropout) * keptUnit;
  }
  return { rows: rows.length, inputs: batch, targets: batchTargets, hiddenMask };
}
