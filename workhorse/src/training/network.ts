import { type EnsembleShape, floatsPerMember, memberWeights, partsOf } from "@marquee/shared/model/ensemble";
import * as tf from "@tensorflow/tfjs";
import type { Parameter } from "./adamw.ts";
import type { SeededRandom } from "./seeded-random.ts";

/**
 * One member of the ensemble: inputs → hidden ReLU units → one number. The weights live in plain arrays; each call
 * hands them to TensorFlow and takes back what it computed, so that no tensor outlives a call.
 */
export interface Network {
  readonly inputs: number;
  readonly hidden: number;
  /** All of them, as they are stored (ensemble.ts). */
  readonly weights: Float32Array;
  /** Windows on `weights`: first layer's weights [inputs × hidden] and biases [hidden], the second's [hidden × 1] and [1]. */
  readonly parameters: readonly Parameter[];
}

function parametersOf(shape: EnsembleShape, networks: Float32Array, member: number): Parameter[] {
  const { inputs, hiddenUnits } = shape;
  const { first, firstBias, second, secondBias } = memberWeights(shape, networks, member);
  return [
    { values: first, shape: [inputs, hiddenUnits], decays: true },
    { values: firstBias, shape: [hiddenUnits], decays: false },
    { values: second, shape: [hiddenUnits, 1], decays: true },
    { values: secondBias, shape: [1], decays: false },
  ];
}

/** He-uniform first layer (He et al. 2015, https://arxiv.org/abs/1502.01852); a second layer that starts near zero. */
export function createNetwork(inputs: number, hidden: number, random: SeededRandom): Network {
  const shape = { members: 1, inputs, hiddenUnits: hidden };
  const weights = new Float32Array(floatsPerMember(shape));
  const network = { inputs, hidden, weights, parameters: parametersOf(shape, weights, 0) };
  const limits = [Math.sqrt(6 / inputs), 0, Math.sqrt(1 / hidden), 0];
  network.parameters.forEach(({ values }, i) => {
    const limit = limits[i] ?? 0;
    for (let at = 0; at < values.length; at++) values[at] = limit * (2 * random.next() - 1);
  });
  return network;
}

/** What one step of training looks at. */
export interface Batch {
  rows: number;
  /** Scaled inputs [rows × inputs], those dropped already 0. */
  inputs: Float32Array;
  /** [rows], rating points above the climate. */
  targets: Float32Array;
  /** [rows × hidden]: 0 where a unit is dropped, else 1 / (1 − rate). */
  hiddenMask: Float32Array;
}

/** Mean squared error over the batch and its gradients, one array per parameter in their order. */
export function lossAndGradients(network: Network, batch: Batch): { loss: number; gradients: Float32Array[] } {
  const result = { loss: Number.NaN, gradients: [] as Float32Array[] };
  // Nothing is returned through tidy: it would walk every number of an array in search of tensors, a third of the time.
  tf.tidy(() => {
    const x = tf.tensor2d(batch.inputs, [batch.rows, network.inputs]);
    const y = tf.tensor2d(batch.targets, [batch.rows, 1]);
    const mask = tf.tensor2d(batch.hiddenMask, [batch.rows, network.hidden]);
    const squaredError = (...weights: tf.Tensor[]): tf.Scalar =>
      tf.mean(tf.squaredDifference(forward(x, weights, mask), y));
    const { value, grads } = tf.valueAndGrads(squaredError)(tensorsOf(network.parameters));
    result.loss = value.dataSync()[0] ?? Number.NaN;
    result.gradients = grads.map((gradient) => gradient.dataSync<"float32">());
  });
  return result;
}

/**
 * @param inputs scaled, [rows × inputs]
 * @returns rating points above the climate, [rows]
 */
export function predictWith({ parameters }: Network, inputs: Float32Array): Float32Array {
  return outputsOf(parameters, inputs);
}

/**
 * A stored ensemble as TensorFlow computes it: what the serving kernel is measured against.
 * @param weights the linear model, then member after member
 * @returns rating points above the climate, [rows]
 */
export function predictWithWeights(shape: EnsembleShape, weights: Float32Array, inputs: Float32Array): Float64Array {
  const { linear, networks } = partsOf(shape, weights);
  const mean = predictNetworks(shape, networks, inputs);
  return linearOutputs(linear, inputs).map((output, row) => output + (mean[row] ?? 0));
}

/**
 * The networks' mean.
 * @param networks member after member
 * @returns [rows]
 */
export function predictNetworks(shape: EnsembleShape, networks: Float32Array, inputs: Float32Array): Float64Array {
  const means = new Float64Array(inputs.length / shape.inputs);
  for (let member = 0; member < shape.members; member++) {
    outputsOf(parametersOf(shape, networks, member), inputs).forEach((output, row) => {
      means[row] = (means[row] ?? 0) + output / shape.members;
    });
  }
  return means;
}

function linearOutputs(linear: Float32Array, inputs: Float32Array): Float64Array {
  const columns = linear.length - 1;
  let outputs = new Float64Array();
  tf.tidy(() => {
    const x = tf.tensor2d(inputs, [inputs.length / columns, columns]);
    const weights = tf.tensor2d(linear.subarray(0, columns), [columns, 1]);
    outputs = Float64Array.from(tf.add(tf.matMul(x, weights), linear[columns] ?? 0).dataSync<"float32">());
  });
  return outputs;
}

function outputsOf(parameters: readonly Parameter[], inputs: Float32Array): Float32Array {
  const columns = parameters[0]?.shape[0] ?? 1;
  let outputs = new Float32Array();
  tf.tidy(() => {
    const x = tf.tensor2d(inputs, [inputs.length / columns, columns]);
    outputs = Float32Array.from(forward(x, tensorsOf(parameters)).dataSync<"float32">());
  });
  return outputs;
}

function tensorsOf(parameters: readonly Parameter[]): tf.Tensor[] {
  return parameters.map(({ values, shape }) => tf.tensor(values, [...shape], "float32"));
}

function forward(x: tf.Tensor2D, weights: tf.Tensor[], mask?: tf.Tensor2D): tf.Tensor {
  const [first, firstBias, second, secondBias] = weights as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];
  const hidden = tf.relu(tf.add(weighted(x, first), firstBias));
  return tf.add(tf.matMul(mask ? tf.mul(hidden, mask) : hidden, second), secondBias);
}

/**
 * x · weights, whose gradient transposes x first: on WebAssembly a product with a transposed argument leaves the fast
 * path, and training takes 1.3 times as long. No gradient goes to x, the data.
 */
function weighted(x: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor {
  const product = tf.customGrad((...[given]) => ({
    value: tf.matMul(x, given as tf.Tensor),
    gradFunc: (slope) => tf.matMul(tf.transpose(x), slope as tf.Tensor),
  }));
  return product(weights);
}
