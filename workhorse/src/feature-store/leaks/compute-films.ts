import { computeFeatures } from "@marquee/shared/features/compute-features";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { buildRatingHistory } from "@marquee/shared/features/rating-history";
import { historyFilms } from "../load-films.ts";
import type { ComputeWorld } from "./compute-world.ts";

export interface ComputeFilmsOptions {
  views: readonly FeatureView[];
  /** Days after its release from which another film's rating counts. */
  maturityDays: number;
}

/** Views that a model may read: none of their columns is known only after release. */
export function checkedViews(views: readonly FeatureView[]): FeatureView[] {
  return views.filter(({ columns }) => columns.every(({ knownWhen }) => knownWhen !== "after_release"));
}

/** The way that the build takes. Views are given what is known later, too, so that one that looks at it is found. */
export function computeFilms({ views, maturityDays }: ComputeFilmsOptions): ComputeWorld {
  return (world, wanted) => {
    const history = buildRatingHistory(historyFilms(world), maturityDays);
    return wanted.map(({ film: { facts, later }, asOf }) =>
      computeFeatures({ film: facts, asOf, record: (key) => history.get(key), later }, views),
    );
  };
}
