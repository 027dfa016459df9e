import type { AlertRule } from "./alert-rule.ts";

/** Hourly checks; a day of them may be missed before somebody is told. */
export const MAX_SKEW_CHECK_AGE_SECONDS = 26 * 3_600;

/** Every worker reads it from the same database, so of several the largest counts, never the sum. */
export const wrongFilms = (kind: "leak" | "skew") =>
  `max by (view) (marquee_feature_check_wrong_films{kind="${kind}"})`;

/** Seconds since the skew check last ended. */
export const SINCE_SKEW_CHECK = 'time() - max(marquee_feature_check_timestamp_seconds{kind="skew"})';

const FEATURE_LEAK: AlertRule = {
  alert: "FeatureLeak",
  expr: `${wrongFilms("leak")} > 0`,
  forSeconds: 60,
  labels: { severity: "warning" },
  annotations: {
    summary: "The feature view {{ $labels.view }} knows what happened only later",
    description:
      "Its values changed in {{ $value }} of the films looked at when everything from their day on was replaced by noise. The build was stopped: features, model and online store of before stay in use.",
    runbook: "docs/runbooks/feature-leak.md",
  },
};

const FEATURE_SKEW: AlertRule = {
  alert: "FeatureSkew",
  expr: `${wrongFilms("skew")} > 0`,
  forSeconds: 60,
  labels: { severity: "warning" },
  annotations: {
    summary: "Serving reads other values of {{ $labels.view }} than were built",
    description:
      "Of {{ $value }} films in the last check's sample the value online is not, bit for bit, the one that training has seen. Predictions are answered from it.",
    runbook: "docs/runbooks/feature-skew.md",
  },
};

const FEATURE_SKEW_UNCHECKED: AlertRule = {
  alert: "FeatureSkewUnchecked",
  expr: [
    `${SINCE_SKEW_CHECK} > ${MAX_SKEW_CHECK_AGE_SECONDS}`,
    // One that has never ended has no time to compare: it counts from the scheduler's start.
    `or (time() - max(process_start_time_seconds{job="scheduler"}) > ${MAX_SKEW_CHECK_AGE_SECONDS}`,
    'unless on () marquee_feature_check_timestamp_seconds{kind="skew"})',
  ].join(" "),
  forSeconds: 900,
  labels: { severity: "warning" },
  annotations: {
    summary: "Online features have not all been compared with the built ones for 26 hours",
    description:
      "The last whole comparison, or the scheduler's start where there was none, is {{ $value | humanizeDuration }} ago. It runs hourly; until it does again nobody would notice that serving reads wrong values.",
    runbook: "docs/runbooks/feature-skew.md",
  },
};

/** What may be wrong with features, in the order of the file. */
export const FEATURE_RULES: readonly AlertRule[] = [FEATURE_LEAK, FEATURE_SKEW, FEATURE_SKEW_UNCHECKED];
