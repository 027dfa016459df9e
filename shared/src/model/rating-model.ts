import type { FeatureColumn, FeatureGroup } from "../features/feature-view.ts";
import { MarqueeError } from "../service/errors.ts";
import { sha256 } from "../service/ids.ts";
import { createEnsemble, type Ensemble, floatsOf } from "./ensemble.ts";
import type { Manifest } from "./manifest.ts";

/** The indices of a feature group's columns. */
export interface GroupColumns {
  group: FeatureGroup;
  columns: readonly number[];
}

/** A model that is ready to predict. Holds scratch space, so one call at a time: right for JavaScript's one thread. */
export interface RatingModel {
  readonly manifest: Manifest;
  /** As stored: see ensemble.ts for the order. */
  readonly weights: Float32Array;
  readonly ensemble: Ensemble;
  /** The groups that the columns belong to, in the order of their first column. */
  readonly groups: readonly GroupColumns[];
}

/**
 * Puts a model together and checks that its parts fit.
 * @throws MarqueeError ARTIFACT_INVALID that names what does not fit
 */
export function createRatingModel(manifest: Manifest, weights: Float32Array): RatingModel {
  const { network, columns, scaler, target, goldenRows } = manifest;
  const inputs = network.inputs;
  const climateColumn = columns.findIndex(({ name }) => name === target.minus);
  const faults: [boolean, string][] = [
    [columns.length !== inputs, `${columns.length} columns for a network of ${inputs} inputs`],
    [scaler.mean.length !== inputs, `${scaler.mean.length} means for ${inputs} inputs`],
    [scaler.scale.length !== inputs, `${scaler.scale.length} scales for ${inputs} inputs`],
    [climateColumn < 0, `no column ${target.minus}, which the prediction is added to`],
    [goldenRows.some(({ values }) => values.length !== inputs), `a golden row that does not have ${inputs} values`],
    [weights.length !== floatsOf(network), `${weights.length} weights where its layers need ${floatsOf(network)}`],
    [!weights.every(Number.isFinite), "weights that are not finite numbers"],
  ];
  const fault = faults.find(([wrong]) => wrong);
  if (fault) throw new MarqueeError("ARTIFACT_INVALID", `The model artifact has ${fault[1]}.`);
  const inputScaler = {
    mean: Float64Array.from(scaler.mean),
    scale: Float64Array.from(scaler.scale),
    clip: scaler.clip,
  };
  return {
    manifest,
    weights,
    ensemble: createEnsemble(network, weights, inputScaler, climateColumn),
    groups: groupColumns(columns),
  };
}

/** Columns by group, in the order of each group's first column. */
export function groupColumns(columns: readonly Pick<FeatureColumn, "group">[]): GroupColumns[] {
  const groups = new Map<FeatureGroup, number[]>();
  columns.forEach(({ group }, i) => {
    const list = groups.get(group);
    if (list) list.push(i);
    else groups.set(group, [i]);
  });
  return [...groups].map(([group, indices]) => ({ group, columns: indices }));
}

/** Float32, little endian, whatever this machine's order. */
export function weightBytes(weights: Float32Array): Uint8Array {
  const bytes = new Uint8Array(weights.length * 4);
  const view = new DataView(bytes.buffer);
  weights.forEach((weight, i) => {
    view.setFloat32(i * 4, weight, true);
  });
  return bytes;
}

/** What the manifest says of these weights. */
export function describeWeights(weights: Float32Array): Manifest["weights"] {
  const bytes = weightBytes(weights);
  return { bytes: bytes.length, sha256: sha256(bytes) };
}
