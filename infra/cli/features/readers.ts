import type { FeatureService } from "@marquee/shared/features/feature-service";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { FEATURE_SERVICES } from "@marquee/shared/features/film-views";

/** Names of the feature services that read a view. */
export function readersOf(
  view: Pick<FeatureView, "name">,
  services: readonly FeatureService[] = FEATURE_SERVICES,
): string[] {
  return services.filter(({ views }) => views.some(({ name }) => name === view.name)).map(({ name }) => name);
}

/** Whether a view knows what is known only after release, so that no model may read it. */
export function isMarked({ columns }: Pick<FeatureView, "columns">): boolean {
  return columns.some(({ knownWhen }) => knownWhen === "after_release");
}
