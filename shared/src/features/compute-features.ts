import type { EpochDay } from "../contracts/time.ts";
import {
  FEATURE_GROUPS,
  type FeatureColumn,
  type FeatureGroup,
  type FeatureInput,
  type FeatureView,
} from "./feature-view.ts";
import { RATING_COLUMNS, RATING_VIEWS } from "./film-views.ts";

/**
 * The one implementation of the feature vector, for training and for serving.
 * @returns one number per column of the views, in their order; NaN where unknown
 */
export function computeFeatures(input: FeatureInput, views: readonly FeatureView[] = RATING_VIEWS): Float64Array {
  return Float64Array.from(views.flatMap((view) => view.compute(input)));
}

/** For a film, `asOf` is the earlier of today and its release date. */
export function asOfDay(today: EpochDay, releaseDay: EpochDay | undefined): EpochDay {
  return releaseDay !== undefined && releaseDay < today ? releaseDay : today;
}

/** The groups of which nothing at all is known, in their order. */
export function missingGroups(
  values: ArrayLike<number>,
  columns: readonly FeatureColumn[] = RATING_COLUMNS,
): FeatureGroup[] {
  const present = new Set<FeatureGroup>();
  columns.forEach((column, i) => {
    if (!Number.isNaN(values[i])) present.add(column.group);
  });
  return (Object.keys(FEATURE_GROUPS) as FeatureGroup[]).filter((group) => !present.has(group));
}
