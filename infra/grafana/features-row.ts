import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/film-views";
import { orZero, type RowDefinition, redFrom } from "./panel.ts";

const withoutGroup = (metric: string) => orZero(`sum by (group) (rate(${metric}[$__rate_interval]))`, "group");

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
  ],
};
