import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/view-columns";
import { orZero, type RowDefinition, redFrom } from "./panel.ts";

const withoutGroup = (metric: string) => orZero(`sum by (group) (rate(${metric}[$__rate_interval]))`, "group");

/** On its own port, and under /features of npm start. */
const ONLINE_ANSWERS =
  'marquee_http_request_duration_seconds_bucket{route=~"(/features)?/get-online-features",status="200"}';
const latency = (quantile: number, buckets: string) =>
  `histogram_quantile(${quantile}, sum by (le) (rate(${buckets}[$__rate_interval])))`;
const lookups = (matcher: string) => `sum by (view) (rate(marquee_feature_lookups_total${matcher}[$__rate_interval]))`;
const HIT_RATE = `${lookups('{outcome=~"present|null"}')} / (${lookups("")} > 0)`;

export const FEATURES_ROW: RowDefinition = {
  title: "Features",
  panels: [
    {
      title: "Age of the online features",
      description: `Time since features were materialised, as serving finds them. At most ${FEATURE_TTL_SECONDS / 3600} h.`,
      unit: "s",
      look: "lines",
      width: 8,
      queries: [{ expr: "max by (instance) (marquee_feature_age_seconds)", legend: "{{instance}}" }],
      steps: redFrom(FEATURE_TTL_SECONDS),
    },
    {
      title: "Predictions with stale features",
      description: "Predictions per second that found a feature group older than it may be.",
      unit: "ops",
      look: "lines",
      width: 8,
      queries: [{ expr: withoutGroup("marquee_prediction_features_stale_total"), legend: "{{group}}" }],
    },
    {
      title: "Predictions without a feature group",
      description:
        "Predictions per second that had to do without a group, for example a film whose writers are not known. A rise without a change in what is asked for is a fault of collection.",
      unit: "ops",
      look: "lines",
      width: 8,
      queries: [{ expr: withoutGroup("marquee_prediction_features_missing_total"), legend: "{{group}}" }],
    },
    {
      title: "Age of each feature view",
      description:
        "Time since the moment for which a view's values in the online store are known to be right, as the feature server finds them. A view that was never materialised has no line.",
      unit: "s",
      look: "lines",
      width: 8,
      queries: [{ expr: "max by (view) (marquee_feature_view_age_seconds)", legend: "{{view}}" }],
      steps: redFrom(FEATURE_TTL_SECONDS),
    },
    {
      title: "Hit rate of the feature server",
      description:
        "Of the entities that were looked up in a view those with a fresh row. Stale and missing ones are answered, too, and say so.",
      unit: "percentunit",
      look: "lines",
      width: 8,
      queries: [{ expr: HIT_RATE, legend: "{{view}}" }],
      emptyBefore: "somebody asks the feature server",
    },
    {
      title: "Latency of the feature server",
      description:
        "Time to answer a question for online features, whole answers; and of it the online store's. More than 50 ms at the 99th percentile is slow.",
      unit: "s",
      look: "lines",
      width: 8,
      queries: [
        { expr: latency(0.5, ONLINE_ANSWERS), legend: "median" },
        { expr: latency(0.99, ONLINE_ANSWERS), legend: "99th percentile" },
        {
          expr: latency(0.99, "marquee_feature_read_duration_seconds_bucket"),
          legend: "99th percentile, online store",
        },
      ],
      emptyBefore: "somebody asks the feature server",
    },
  ],
};
