/** Standardisation fitted on the training rows: scaled = (value − mean) / scale, cut to ±clip; unknown (NaN) becomes 0. */
export interface InputScaler {
  /** Per column, in the column's unit. */
  readonly mean: Float64Array;
  /** Per column, above 0. */
  readonly scale: Float64Array;
  /** Standard deviations. */
  readonly clip: number;
}

/**
 * Scales one row into `target[offset … offset + columns − 1]`. The one implementation for training and serving; a
 * Float32Array rounds on the way in, as TensorFlow wants it.
 * @param values one number per column, NaN where unknown
 */
export function scaleInto(
  target: Float32Array | Float64Array,
  offset: number,
  values: ArrayLike<number>,
  { mean, scale, clip }: InputScaler,
): void {
  for (let i = 0; i < mean.length; i++) {
    const scaled = (at(values, i) - at(mean, i)) / at(scale, i);
    target[offset + i] = Number.isNaN(scaled) ? 0 : Math.min(clip, Math.max(-clip, scaled));
  }
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
