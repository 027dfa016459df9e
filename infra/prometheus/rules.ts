import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/view-columns";
import { scaledDuration, type TimeScale } from "../monitoring/time-scale.ts";
import type { AlertRule } from "./alert-rule.ts";
import { DATA_RULES } from "./data-rules.ts";
import { FEATURE_RULES } from "./feature-rules.ts";

/** Live error may exceed the champion's tested error by this share before it counts as decay. */
export const ERROR_MARGIN = 0.15;
/** Fewer rated films than this say nothing about a model's error: at 50 the error of an RMSE is itself about 10 %. */
export const MIN_LIVE_FILMS = 50;

/**
 * Live error, tested error and films by model and version alone. Which process computed them is left out, so that an
 * alert's labels (and with them its fingerprint) stay the same over restarts of `quality` and are those of the version.
 */
const byVersion = (metric: string) => `max by (model, version) (${metric})`;

const LIVE_ERROR_HIGH: AlertRule = {
  alert: "LiveErrorHigh",
  expr: [
    byVersion("marquee_live_rmse"),
    // Only the champion has a tested error, so a retired version's alert ends when the alias moves.
    `> on (model, version) ${1 + ERROR_MARGIN} * ${byVersion("marquee_tested_rmse")}`,
    `and on (model, version) ${byVersion("marquee_live_films")} >= ${MIN_LIVE_FILMS}`,
  ].join(" "),
  forSeconds: 600,
  // A restart of `quality` must not look like a second alert, which the retrain governor would have to judge again.
  keepFiringSeconds: 600,
  labels: { severity: "warning", action: "retrain", pipeline: "train" },
  annotations: {
    summary: "Version {{ $labels.version }} of {{ $labels.model }} predicts worse than it was tested",
    description: `Its root mean squared error over films that have been rated since is {{ $value | printf "%.3f" }}, more than ${ERROR_MARGIN * 100} % above its tested error, over at least ${MIN_LIVE_FILMS} films. The scheduler is asked to train a new version.`,
    runbook: "docs/runbooks/live-error-high.md",
  },
};

const SERVING_DOWN: AlertRule = {
  alert: "ServingDown",
  // One colour is off on purpose outside deployments: only that none answers is a fault.
  expr: `sum(up{job="serving"}) == 0`,
  forSeconds: 60,
  labels: { severity: "critical" },
  annotations: {
    summary: "No serving process answers",
    description: "Prometheus reaches neither colour of serving: predictions are not answered.",
    runbook: "docs/runbooks/serving-down.md",
  },
};

const FEATURES_STALE: AlertRule = {
  alert: "FeaturesStale",
  expr: [
    // Of the rating model's views, as serving has them; and of every view, as the feature server has it.
    `max(marquee_feature_age_seconds or max by (view) (marquee_feature_view_age_seconds)) > ${FEATURE_TTL_SECONDS}`,
    // A view that was never materialised has no age to compare: infinitely old while serving is up.
    `or (absent(marquee_feature_age_seconds) * Inf and on () sum(up{job="serving"}) > 0)`,
  ].join(" "),
  forSeconds: 900,
  labels: { severity: "warning" },
  annotations: {
    summary: "Features in the online store are stale or missing",
    description: `The newest are {{ $value | humanizeDuration }} old ("+Inf": there are none); at most ${FEATURE_TTL_SECONDS / 3600} h are accepted. Predictions are answered, with what is stale named in each.`,
    runbook: "docs/runbooks/features-stale.md",
  },
};

const FEATURE_SERVER_DOWN: AlertRule = {
  alert: "FeatureServerDown",
  expr: 'sum(up{job="feature-server"}) == 0',
  forSeconds: 60,
  labels: { severity: "warning" },
  annotations: {
    summary: "The feature server does not answer",
    description: "Prometheus does not reach it: notebooks and Feast's clients read no features. Predictions go on.",
    runbook: "docs/runbooks/feature-server-down.md",
  },
};

/** In the order of the file. */
export const ALERT_RULES: readonly AlertRule[] = [
  SERVING_DOWN,
  LIVE_ERROR_HIGH,
  FEATURES_STALE,
  ...DATA_RULES,
  ...FEATURE_RULES,
  FEATURE_SERVER_DOWN,
];

/** The content of rules.yml. */
export function ruleFile(scale: TimeScale): object {
  return {
    groups: [
      {
        name: "marquee",
        rules: ALERT_RULES.map(({ alert, expr, forSeconds, keepFiringSeconds, labels, annotations }) => ({
          alert,
          expr,
          for: scaledDuration(forSeconds, scale),
          ...(keepFiringSeconds ? { keep_firing_for: scaledDuration(keepFiringSeconds, scale) } : {}),
          labels,
          annotations,
        })),
      },
    ],
  };
}
