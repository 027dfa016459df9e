/** How far predictions are from outcomes, in rating points unless it says otherwise. */
export interface Accuracy {
  /** Root of the mean squared error. */
  rmse: number;
  /** Mean absolute error. */
  mae: number;
  /** 1 − squared error / squared deviation from the outcomes' mean; 0 where the outcomes do not differ. */
  r2: number;
  /** Rank correlation, −1…1; ties share their mean rank; 0 where either side does not differ. */
  spearman: number;
  /** Mean of prediction − outcome. */
  bias: number;
}

/** @param predictions and outcomes of the same films, at least one */
export function accuracyOf(predictions: readonly number[], outcomes: readonly number[]): Accuracy {
  const errors = predictions.map((prediction, i) => prediction - (outcomes[i] ?? Number.NaN));
  const center = mean(outcomes);
  const squares = sum(errors.map((error) => error ** 2));
  const deviation = sum(outcomes.map((outcome) => (outcome - center) ** 2));
  return {
    rmse: Math.sqrt(squares / errors.length),
    mae: mean(errors.map(Math.abs)),
    r2: deviation === 0 ? 0 : 1 - squares / deviation,
    spearman: correlation(ranksOf(predictions), ranksOf(outcomes)),
    bias: mean(errors),
  };
}

export function rmseOf(predictions: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < outcomes.length; i++) {
    squares += ((predictions[i] ?? Number.NaN) - (outcomes[i] ?? Number.NaN)) ** 2;
  }
  return Math.sqrt(squares / outcomes.length);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [centerA, centerB] = [mean(a), mean(b)];
  const covariance = sum(a.map((value, i) => (value - centerA) * ((b[i] ?? 0) - centerB)));
  const spread = Math.sqrt(
    sum(a.map((value) => (value - centerA) ** 2)) * sum(b.map((value) => (value - centerB) ** 2)),
  );
  return spread === 0 ? 0 : covariance / spread;
}

/** Ranks from 1; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (let i = start; i < end; i++) ranks[order[i]?.index ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
