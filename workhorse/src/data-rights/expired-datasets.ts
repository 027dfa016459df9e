/** So many of the newest stay whatever their age: what lies online may have been made from one of them. */
const NEWEST_KEPT = 3;

/** A feature dataset as retention sees it. */
export interface AgingDataset {
  hash: string;
  builtAt: Date;
  /** Training runs whose set was read from it. */
  trainingRuns: number;
}

export interface DatasetLimits {
  /** Of datasets; undefined: for ever. */
  keptFrom: Date | undefined;
  /** Of what a source allows, for what was made from it too; undefined: for ever. */
  allowedFrom: Date | undefined;
}

/**
 * The datasets whose time is up. The newest one always stays; the newest three, and those that a training run was made
 * from, stay unless a source does not allow it.
 */
export function expiredDatasets(
  datasets: readonly AgingDataset[],
  { keptFrom, allowedFrom }: DatasetLimits,
): AgingDataset[] {
  const isBefore = (from: Date | undefined, { builtAt }: AgingDataset) => from !== undefined && builtAt < from;
  return datasets
    .toSorted((a, b) => b.builtAt.getTime() - a.builtAt.getTime())
    .filter((dataset, place) => {
      if (place === 0) return false;
      if (isBefore(allowedFrom, dataset)) return true;
      return place >= NEWEST_KEPT && dataset.trainingRuns === 0 && isBefore(keptFrom, dataset);
    });
}
