import { MarqueeError } from "../service/errors.ts";
import { type FeatureInput, type FeatureView, viewKey } from "./feature-view.ts";

/**
 * One view's row.
 * @returns one number per column, in their order; NaN where unknown
 * @throws FEATURE_ROW_INVALID where the function answers more or fewer than there are columns
 */
export function computeView(view: FeatureView, input: FeatureInput): number[] {
  const values = view.compute(input);
  if (values.length !== view.columns.length) {
    throw new MarqueeError(
      "FEATURE_ROW_INVALID",
      `The function of ${viewKey(view)} answers ${values.length} values for ${view.columns.length} columns.`,
    );
  }
  return values;
}
