import { MarqueeError } from "../service/errors.ts";
import { type InputScaler, scaleInto } from "./input-scaler.ts";

/** The shape of an ensemble: a linear model of the inputs, and `members` networks for what it leaves, each inputs → hiddenUnits (ReLU) → 1. */
export interface EnsembleShape {
  readonly members: number;
  readonly inputs: number;
  readonly hiddenUnits: number;
}

/**
 * A linear model plus the mean of one-hidden-layer networks, laid out for speed: the mean is itself one network, with all
 * members' hidden units side by side and the second layer divided by their number. 59 columns and 6 × 64 units take 27 µs a row.
 */
export interface Ensemble {
  readonly scaler: InputScaler;
  /** Index of the column that the output is added to. */
  readonly climateColumn: number;
  /** The linear model's weights [inputs]; its intercept is in secondBias. */
  readonly linear: Float64Array;
  /** All members' hidden units. */
  readonly units: number;
  /** [inputs × units] */
  readonly first: Float32Array;
  /** [units] */
  readonly firstBias: Float64Array;
  /** [units] */
  readonly second: Float64Array;
  readonly secondBias: number;
  /** Scratch space, so that a prediction allocates nothing: scaled inputs [inputs] and hidden units [units]. */
  readonly scaled: Float64Array;
  readonly hidden: Float64Array;
}

/** Floats of the linear model: a weight per input and the intercept. They are stored before the members'. */
function floatsOfLinear({ inputs }: EnsembleShape): number {
  return inputs + 1;
}

/** All floats of an ensemble. */
export function floatsOf(shape: EnsembleShape): number {
  return floatsOfLinear(shape) + shape.members * floatsPerMember(shape);
}

/** Windows on an ensemble's weights: the linear model's, and the members' one after the other. */
export function partsOf(shape: EnsembleShape, weights: Float32Array): { linear: Float32Array; networks: Float32Array } {
  const border = floatsOfLinear(shape);
  return { linear: weights.subarray(0, border), networks: weights.subarray(border) };
}

/** Floats of one member: first layer's weights [inputs × hiddenUnits] and biases, second layer's weights and bias. */
export function floatsPerMember({ inputs, hiddenUnits }: EnsembleShape): number {
  return inputs * hiddenUnits + hiddenUnits + hiddenUnits + 1;
}

/** Windows on one member's weights, in the order in which they are stored, row-major. */
export interface MemberWeights {
  /** [inputs × hiddenUnits] */
  first: Float32Array;
  /** [hiddenUnits] */
  firstBias: Float32Array;
  /** [hiddenUnits] */
  second: Float32Array;
  /** [1] */
  secondBias: Float32Array;
}

/** @param networks member after member */
export function memberWeights(shape: EnsembleShape, networks: Float32Array, member: number): MemberWeights {
  const { inputs, hiddenUnits } = shape;
  const firstBias = member * floatsPerMember(shape) + inputs * hiddenUnits;
  const second = firstBias + hiddenUnits;
  const secondBias = second + hiddenUnits;
  return {
    first: networks.subarray(firstBias - inputs * hiddenUnits, firstBias),
    firstBias: networks.subarray(firstBias, second),
    second: networks.subarray(second, secondBias),
    secondBias: networks.subarray(secondBias, secondBias + 1),
  };
}

/** @param weights all of them, as partsOf divides them */
export function createEnsemble(
  shape: EnsembleShape,
  weights: Float32Array,
  scaler: InputScaler,
  climateColumn: number,
): Ensemble {
  const { members, inputs, hiddenUnits } = shape;
  const units = members * hiddenUnits;
  const { linear, networks } = partsOf(shape, weights);
  const first = new Float32Array(inputs * units);
  const firstBias = new Float64Array(units);
  const second = new Float64Array(units);
  let secondBias = linear[inputs] ?? 0;
  for (let member = 0; member < members; member++) {
    const own = memberWeights(shape, networks, member);
    const at = member * hiddenUnits;
    for (let input = 0; input < inputs; input++) {
      first.set(own.first.subarray(input * hiddenUnits, (input + 1) * hiddenUnits), input * units + at);
    }
    firstBias.set(own.firstBias, at);
    own.second.forEach((weight, i) => {
      second[at + i] = weight / members;
    });
    secondBias += (own.secondBias[0] ?? 0) / members;
  }
  const scratch = { scaled: new Float64Array(inputs), hidden: new Float64Array(units) };
  return {
    scaler,
    climateColumn,
    linear: Float64Array.from(linear.subarray(0, inputs)),
    units,
    first,
    firstBias,
    second,
    secondBias,
    ...scratch,
  };
}

/**
 * Climate plus the linear model plus the mean of the networks, before it is cut to 0…10.
 * @param values one number per column, NaN where unknown; the climate is never NaN
 * @throws MarqueeError INTERNAL where the number of values is not that of the columns
 */
export function uncutRating(ensemble: Ensemble, values: Float64Array): number {
  const { scaler, climateColumn, linear, units, first, firstBias, scaled, hidden } = ensemble;
  if (values.length !== scaled.length) {
    throw new MarqueeError("INTERNAL", `The model takes ${scaled.length} values and was given ${values.length}.`);
  }
  scaleInto(scaled, 0, values, scaler);
  hidden.set(firstBias);
  let sum = values[climateColumn] ?? Number.NaN;
  for (let input = 0; input < scaled.length; input++) {
    const value = scaled[input] ?? 0;
    if (value === 0) continue;
    sum += (linear[input] ?? 0) * value;
    addScaled(hidden, first, input * units, value);
  }
  return sum + activated(ensemble, hidden);
}

/** target += factor × source[offset …] */
export function addScaled(target: Float64Array, source: Float32Array, offset: number, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (source[offset + i] ?? 0);
}

/** The networks' mean output for these hidden units, before their ReLU, and the linear model's intercept. */
export function activated({ second, secondBias }: Ensemble, hidden: Float64Array): number {
  let sum = secondBias;
  for (let i = 0; i < hidden.length; i++) {
    const unit = hidden[i] ?? 0;
    sum += unit > 0 ? unit * (second[i] ?? 0) : 0;
  }
  return sum;
}
