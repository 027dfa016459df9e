import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { FeatureColumn } from "@marquee/shared/features/feature-view";

/** One mature film with its features as of its release. */
export interface TrainingRow {
  tmdbId: number;
  releaseDate: CalendarDate;
  /** One number per column, NaN where unknown. */
  values: Float64Array;
  /** IMDb's average, 0–10: the target. */
  rating: number;
  /** IMDb's votes behind it, at least 50. */
  votes: number;
}

/** What a model is trained and tested on. Rows ascend by release date, then tmdbId. */
export interface TrainingSet {
  columns: readonly FeatureColumn[];
  viewsHash: string;
  rows: readonly TrainingRow[];
  /** Hash over columns, rows and outcomes: the training set's identity. */
  hash: string;
  /** The feature dataset that it was read from, by its hash; absent for one that was made otherwise. */
  dataset?: string;
}
