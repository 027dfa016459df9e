/** Bins of the reference are put together until each holds such a share of it: an empty one would decide alone. */
const MIN_REFERENCE_SHARE = 0.05;
/** Added to each bin's count on both sides, so that an empty one has a logarithm (Jeffreys' prior). */
const PRIOR_COUNT = 0.5;

/**
 * The population stability index of `actual` against `reference`: Σ (aᵢ − rᵢ) · ln(aᵢ / rᵢ) over the bins' shares aᵢ, rᵢ
 * (N. Siddiqi, Credit Risk Scorecards, 2006, chapter 8). 0 where both are spread alike; by custom below 0.1 is stable
 * and above 0.25 a shift. Chance alone gives about (bins − 1) · (1/n + 1/m) for n and m values (B. Yurdakul and
 * J. Naranjo, Statistical properties of the population stability index, 2020), so it needs a hundred or more on each side.
 * @param reference count in each bin
 * @param actual count in each bin, as many
 * @returns undefined where one side holds nothing
 */
export function populationStabilityIndex(reference: readonly number[], actual: readonly number[]): number | undefined {
  if (sum(reference) === 0 || sum(actual) === 0) return undefined;
  const bins = mergedBins(reference);
  const referenceShares = shares(bins.map(([from, to]) => sum(reference.slice(from, to))));
  const actualShares = shares(bins.map(([from, to]) => sum(actual.slice(from, to))));
  return sum(
    referenceShares.map((expected, i) => {
      const found = actualShares[i] ?? 0;
      return (found - expected) * Math.log(found / expected);
    }),
  );
}

/**
 * Neighbouring bins put together from the left until each holds its share; what is left at the end goes to the last.
 * @returns [from, to) of each, over all bins
 */
export function mergedBins(counts: readonly number[]): [from: number, to: number][] {
  const enough = sum(counts) * MIN_REFERENCE_SHARE;
  const bins: [number, number][] = [];
  let from = 0;
  let held = 0;
  counts.forEach((count, i) => {
    held += count;
    if (held < enough || held === 0) return;
    bins.push([from, i + 1]);
    from = i + 1;
    held = 0;
  });
  const last = bins.at(-1);
  if (last) last[1] = counts.length;
  return bins;
}

function shares(counts: readonly number[]): number[] {
  const all = sum(counts) + PRIOR_COUNT * counts.length;
  return counts.map((count) => (count + PRIOR_COUNT) / all);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
