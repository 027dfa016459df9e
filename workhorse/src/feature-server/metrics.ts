import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import type { Clock } from "@marquee/shared/service/clock";
import type { Metrics } from "@marquee/shared/service/metrics";
import type { ViewOutcome } from "./online-answer.ts";

/** A round trip to Redis takes parts of a millisecond; in seconds. */
const READ_BUCKETS_SECONDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5];
const OUTCOMES = ["present", "stale", "missing", "null"] as const;

/** What the feature server measures beside what every process tells of its requests. Labels are views, never entities. */
export interface FeatureServerMetrics {
  /** Counts the entities of a look-up of one view by what was found: the share of `present` and `null` is the hit rate. */
  lookedUp(outcome: ViewOutcome): void;
  /** Starts a clock for the online store's answer; the function returned stops it. */
  startRead(): () => void;
}

export interface FeatureServerMetricsOptions {
  metrics: Metrics;
  onlineStore: OnlineStore;
  clock: Clock;
  views: readonly ViewSchema[];
}

export function createFeatureServerMetrics(options: FeatureServerMetricsOptions): FeatureServerMetrics {
  const { metrics, views } = options;
  const lookups = metrics.counter({
    name: "feature_lookups_total",
    help: "Entities looked up in a view, by outcome: present, null (present, a column of it unknown), stale, missing",
    labels: ["view", "outcome"],
  });
  // One child each, made once: a label set is not hashed again for every look-up.
  const counters = new Map(
    views.map((schema) => [
      viewKey(schema),
      OUTCOMES.map((outcome) => {
        const labels = { view: viewKey(schema), outcome };
        // A series that begins with its first event hides that event from rates.
        lookups.inc(labels, 0);
        return { outcome, counter: lookups.labels(labels) };
      }),
    ]),
  );
  const reads = metrics.histogram({
    name: "feature_read_duration_seconds",
    help: "Time until the online store has answered a question",
    buckets: READ_BUCKETS_SECONDS,
  });
  measureFreshness(options);
  return {
    lookedUp: (found) => {
      for (const { outcome, counter } of counters.get(viewKey(found.view.schema)) ?? []) {
        if (found[outcome] > 0) counter.inc(found[outcome]);
      }
    },
    startRead: () => reads.startTimer(),
  };
}

/** A view that was never materialised has no series: 0 would say "fresh". */
function measureFreshness({ metrics, onlineStore, clock, views }: FeatureServerMetricsOptions): void {
  metrics.gauge({
    name: "feature_view_age_seconds",
    help: "Time since the moment for which a view's values in the online store are known to be right",
    labels: ["view"],
    async collect() {
      const watermarks = await onlineStore.watermarks().catch(() => new Map<string, never>());
      const now = clock.now().getTime();
      this.reset();
      for (const view of views.map(viewKey)) {
        const watermark = watermarks.get(view);
        // A writer's clock may be ahead of ours.
        if (watermark) this.set({ view }, Math.max(0, (now - watermark.at.getTime()) / 1000));
      }
    },
  });
}
