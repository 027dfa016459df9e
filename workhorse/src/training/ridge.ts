/** A linear model: intercept + weights · row. */
export interface LinearModel {
  intercept: number;
  weights: Float64Array;
}

/**
 * Ridge regression in closed form: minimises Σ (target − prediction)² + penalty × |weights|² by Cholesky's
 * decomposition of the centred normal equations. The intercept is not penalised. O(rows × columns²).
 * @param rows [rows × columns], row-major
 * @param penalty above 0, so that the equations can be solved whatever the rows
 */
export function fitRidge(rows: Float64Array, targets: Float64Array, penalty: number): LinearModel {
  const columns = rows.length / targets.length;
  const centers = columnMeans(rows, columns);
  const center = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  const gram = new Float64Array(columns * columns);
  const moments = new Float64Array(columns);
  const centred = new Float64Array(columns);
  for (let row = 0; row < targets.length; row++) {
    for (let i = 0; i < columns; i++) centred[i] = get(rows, row * columns + i) - get(centers, i);
    const target = get(targets, row) - center;
    for (let i = 0; i < columns; i++) {
      const value = get(centred, i);
      moments[i] = get(moments, i) + value * target;
      for (let j = 0; j <= i; j++) gram[i * columns + j] = get(gram, i * columns + j) + value * get(centred, j);
    }
  }
  for (let i = 0; i < columns; i++) gram[i * columns + i] = get(gram, i * columns + i) + penalty;
  const weights = solvePositiveDefinite(gram, moments);
  return { intercept: center - weights.reduce((sum, weight, i) => sum + weight * get(centers, i), 0), weights };
}

/** @param offset where the row begins in `rows` */
export function predictLinear({ intercept, weights }: LinearModel, rows: Float64Array, offset = 0): number {
  let sum = intercept;
  for (let i = 0; i < weights.length; i++) sum += get(weights, i) * get(rows, offset + i);
  return sum;
}

function columnMeans(rows: Float64Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  const count = rows.length / columns;
  rows.forEach((value, at) => {
    means[at % columns] = get(means, at % columns) + value / count;
  });
  return means;
}

/** Solves matrix · x = right, given the lower triangle; both arguments are used up. */
function solvePositiveDefinite(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = get(matrix, i * n + j);
      for (let k = 0; k < j; k++) value -= get(matrix, i * n + k) * get(matrix, j * n + k);
      matrix[i * n + j] = i === j ? Math.sqrt(value) : value / get(matrix, j * n + j);
    }
  }
  for (let i = 0; i < n; i++) {
    let value = get(right, i);
    for (let k = 0; k < i; k++) value -= get(matrix, i * n + k) * get(right, k);
    right[i] = value / get(matrix, i * n + i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = get(right, i);
    for (let k = i + 1; k < n; k++) value -= get(matrix, k * n + i) * get(right, k);
    right[i] = value / get(matrix, i * n + i);
  }
  return right;
}

function get(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
