import { type EnsembleShape, memberWeights, partsOf } from "@marquee/shared/model/ensemble";
import type { Examples } from "./input-examples.ts";
import { fitRidge, predictLinear } from "./ridge.ts";
import { joinWeights } from "./train-ensemble.ts";

/** Best of 100, 300, 1000 on the films of 2004–2011. */
const RIDGE_PENALTY = 100;

/**
 * The model's linear part: Ridge regression on the scaled inputs.
 * @returns a weight per column and the intercept, as they are stored
 */
export function fitLinear({ inputs, targets }: Examples): Float32Array {
  const { weights, intercept } = fitRidge(Float64Array.from(inputs), Float64Array.from(targets), RIDGE_PENALTY);
  return Float32Array.of(...weights, intercept);
}

/** @returns rating points above the climate, one per example */
export function predictLinearPart(linear: Float32Array, { rows, columns, inputs }: Examples): Float64Array {
  const model = { weights: Float64Array.from(linear.subarray(0, columns)), intercept: linear[columns] ?? 0 };
  const scaled = Float64Array.from(inputs);
  return Float64Array.from({ length: rows }, (_, row) => predictLinear(model, scaled, row * columns));
}

/**
 * How much of the linear part the model is to take, the rest being the networks' mean: the least-squares share on films
 * that neither learned from, within 0…1. With few films most of what can be known is linear. (Letting the networks
 * learn what the linear part leaves was worse than this on the films of 2002–2011.)
 */
export function linearShare(
  targets: ArrayLike<number>,
  linear: ArrayLike<number>,
  networks: ArrayLike<number>,
): number {
  let along = 0;
  let length = 0;
  for (let row = 0; row < targets.length; row++) {
    const network = networks[row] ?? 0;
    const apart = (linear[row] ?? 0) - network;
    along += ((targets[row] ?? 0) - network) * apart;
    length += apart * apart;
  }
  return length === 0 ? 0 : Math.min(1, Math.max(0, along / length));
}

/** The weights of share × linear part + (1 − share) × networks' mean, as an ensemble stores them. */
export function blendWeights(
  shape: EnsembleShape,
  linear: Float32Array,
  networks: Float32Array,
  share: number,
): Float32Array {
  const blended = joinWeights([linear.map((weight) => weight * share), networks]);
  for (let member = 0; member < shape.members; member++) {
    const { second, secondBias } = memberWeights(shape, partsOf(shape, blended).networks, member);
    for (const output of [second, secondBias]) output.set(output.map((weight) => weight * (1 - share)));
  }
  return blended;
}
