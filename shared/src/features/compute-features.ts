import type { EpochDay } from "../contracts/time.ts";
import { computeView } from "./compute-view.ts";
import {
  type FeatureColumn,
  type FeatureGroup,
  type FeatureInput,
  type FeatureView,
  groupsOf,
} from "./feature-view.ts";
import { RATING_COLUMNS, RATING_VIEWS } from "./film-views.ts";

/**
 * The one implementation of the feature vector, for training and for serving.
 * @returns one number per column of the views, in their order; NaN where unknown
 * @throws FEATURE_ROW_INVALID where a view's function does not fit its columns
 */
export function computeFeatures(input: FeatureInput, views: readonly FeatureView[] = RATING_VIEWS): Float64Array {
  return Float64Array.from(views.flatMap((view) => computeView(view, input)));
}

/** For a film, `asOf` is the earlier of today and its release date. */
export function asOfDay(today: EpochDay, releaseDay: EpochDay | undefined): EpochDay {
  return releaseDay !== undefined && releaseDay < today ? releaseDay : today;
}

/** The groups that have columns, and of these nothing at all is known; in their order. */
export function missingGroups(
  values: ArrayLike<number>,
  columns: readonly FeatureColumn[] = RATING_COLUMNS,
): FeatureGroup[] {
  const present = new Set(columns.filter((_column, i) => !Number.isNaN(values[i])).map(({ group }) => group));
  return groupsOf(columns).filter((group) => !present.has(group));
}
