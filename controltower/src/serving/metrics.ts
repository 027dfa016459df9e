import type { PredictRequestForm } from "@marquee/shared/contracts/prediction";
import type { FeatureGroup } from "@marquee/shared/features/feature-view";
import type { ErrorCode } from "@marquee/shared/service/errors";
import type { Metrics } from "@marquee/shared/service/metrics";
import { ALL_GROUPS } from "./feature-draft.ts";

/** How a request was answered: with a rating, or with a problem of this code. */
export type Outcome = "answered" | ErrorCode;

/** Everything that serving measures of itself. Labels are closed sets: no film, title or person is ever one. */
export interface ServingMetrics {
  /** Counts one prediction, or why there is none. */
  prediction(form: PredictRequestForm, outcome: Outcome): void;
  /** Counts what a prediction had to do without. */
  features(missing: readonly FeatureGroup[], stale: readonly FeatureGroup[]): void;
  /** Starts a clock for the way from body to answer; the function returned stops it. */
  startTimer(call: "single" | "batch"): () => void;
  batchSize(items: number): void;
  modelInUse(version: number): void;
  modelRefused(code: string): void;
}

export function createServingMetrics(metrics: Metrics): ServingMetrics {
  const predictions = metrics.counter({
    name: "predictions_total",
    help: "Predictions asked for, by how the film was named and by outcome: answered, or the problem's code",
    labels: ["form", "outcome"],
  });
  const seconds = metrics.histogram({
    name: "prediction_duration_seconds",
    help: "Time from a parsed body to its predictions",
    labels: ["call"],
  });
  const batchItems = metrics.histogram({
    name: "prediction_batch_items",
    help: "Items of a batch",
    buckets: [1, 3, 10, 30, 100, 300, 1000],
  });
  const version = metrics.gauge({
    name: "model_version",
    help: "Version of the model that answers",
    labels: ["alias"],
  });
  const refusals = metrics.counter({
    name: "model_refusals_total",
    help: "Times that the champion could not be loaded or failed its checks, by the error's code",
    labels: ["code"],
  });
  const missing = groupCounter(metrics, "prediction_features_missing_total", "Predictions without a feature group");
  const stale = groupCounter(metrics, "prediction_features_stale_total", "Predictions with a stale feature group");
  return {
    prediction: (form, outcome) => predictions.inc({ form, outcome }),
    features: (missingGroups, staleGroups) => {
      for (const group of missingGroups) missing[group].inc();
      for (const group of staleGroups) stale[group].inc();
    },
    startTimer: (call) => seconds.startTimer({ call }),
    batchSize: (items) => batchItems.observe(items),
    modelInUse: (number) => version.set({ alias: "champion" }, number),
    modelRefused: (code) => refusals.inc({ code }),
  };
}

/** One child a group, made once: a label set is not hashed again for every prediction. */
function groupCounter(metrics: Metrics, name: string, help: string): Record<FeatureGroup, { inc(): void }> {
  const counter = metrics.counter({ name, help, labels: ["group"] });
  return Object.fromEntries(ALL_GROUPS.map((group) => [group, counter.labels(group)])) as Record<
    FeatureGroup,
    { inc(): void }
  >;
}
