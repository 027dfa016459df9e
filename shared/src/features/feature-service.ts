import { MarqueeError } from "../service/errors.ts";
import { type FeatureColumn, type FeatureView, viewKey } from "./feature-view.ts";
import { hashViews } from "./view-hash.ts";

/** What one model reads: these views, in this order, make its input vector. */
export interface FeatureService {
  name: string;
  views: readonly FeatureView[];
  /** Of all views, in their order. */
  columns: readonly FeatureColumn[];
  /** A model stores the one it was trained on, and serving refuses another. */
  hash: string;
}

/** @throws FEATURE_NOT_ALLOWED where a view knows what is known only after release */
export function createFeatureService(name: string, views: readonly FeatureView[]): FeatureService {
  for (const view of views) {
    const late = view.columns.find(({ knownWhen }) => knownWhen === "after_release");
    if (late) {
      throw new MarqueeError(
        "FEATURE_NOT_ALLOWED",
        `The feature service ${name} has the view ${viewKey(view)}, whose column ${late.name} is known only after release.`,
      );
    }
  }
  return { name, views, columns: views.flatMap(({ columns }) => columns), hash: hashViews(views) };
}
