import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { viewKey } from "@marquee/shared/features/feature-view";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import { ONLINE } from "@marquee/shared/features/online-layout";
import type { Clock } from "@marquee/shared/service/clock";
import type { Metrics } from "@marquee/shared/service/metrics";

const RATING_VIEW_KEYS = RATING_VIEWS.map(viewKey);

/** How far the online store is filled with what the models of this process read. */
export interface FeatureState {
  /** Whether others' records are there, without which nothing can be computed. */
  records: boolean;
  /** The model's views that were never materialised, or not in this release's version. */
  missing: string[];
  /** Since the watermark of the model's view that lags the most, in seconds; undefined where one is missing. */
  ageSeconds: number | undefined;
}

/** Reads it off the views' watermarks. */
export async function readFeatureState(onlineStore: OnlineStore, clock: Clock): Promise<FeatureState> {
  const watermarks = await onlineStore.watermarks();
  const missing = RATING_VIEW_KEYS.filter((view) => !watermarks.has(view));
  const moments = RATING_VIEW_KEYS.flatMap((view) => watermarks.get(view)?.at.getTime() ?? []);
  // A writer's clock may be ahead of ours.
  const ageSeconds = Math.max(0, (clock.now().getTime() - Math.min(...moments)) / 1000);
  return {
    records: watermarks.has(ONLINE.record("climate:all").view),
    missing,
    ageSeconds: missing.length > 0 ? undefined : ageSeconds,
  };
}

/** Tells Prometheus how old the features are. Where nobody knows there is no series, since 0 would say "fresh". */
export function measureFeatureAge(metrics: Metrics, onlineStore: OnlineStore, clock: Clock): void {
  metrics.gauge({
    name: "feature_age_seconds",
    help: "Age of the features in the online store, since the moment that the view that lags the most speaks for",
    async collect() {
      const state = await readFeatureState(onlineStore, clock).catch(() => undefined);
      if (state?.ageSeconds === undefined) this.remove();
      else this.set(state.ageSeconds);
    },
  });
}
