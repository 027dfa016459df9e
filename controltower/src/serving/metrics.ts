import type { OnlineRead } from "@marquee/shared/backing/online-store/online-store";
import type { PredictRequestForm } from "@marquee/shared/contracts/prediction";
import { type FeatureGroup, viewKey } from "@marquee/shared/features/feature-view";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import type { ErrorCode } from "@marquee/shared/service/errors";
import type { Metrics } from "@marquee/shared/service/metrics";
import { ALL_GROUPS } from "./feature-draft.ts";

/** How a request was answered: with a rating, or with a problem of this code. */
export type Outcome = "answered" | ErrorCode;

/** `read`: as they lay online; `computed`: on demand, from facts and records. */
export type FeatureOrigin = "read" | "computed";

/** What was found of a film under a view; `unreadable`: bytes that are no row of it, which count as missing. */
export type ViewReadStatus = OnlineRead["status"] | "unreadable";

/** Everything that serving measures of itself. Labels are closed sets: no film, title or person is ever one. */
export interface ServingMetrics {
  /** Counts one prediction, or why there is none. */
  prediction(form: PredictRequestForm, outcome: Outcome): void;
  /** Counts where a prediction's features came from, and what it had to do without. */
  features(features: { origin: FeatureOrigin; missing: readonly FeatureGroup[]; stale: readonly FeatureGroup[] }): void;
  /** Counts what was found of a film under one of the model's views: a hit, a stale one, a miss or damage. */
  viewRead(view: string, status: ViewReadStatus): void;
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
  const origins = metrics.counter({
    name: "serving_features_total",
    help: "Predictions by how their features came: read as they lay online, or computed on demand",
    labels: ["how"],
  });
  const viewReads = viewCounters(metrics);
  return {
    prediction: (form, outcome) => predictions.inc({ form, outcome }),
    features: (found) => {
      origins.inc({ how: found.origin });
      for (const group of found.missing) missing[group].inc();
      for (const group of found.stale) stale[group].inc();
    },
    viewRead: (view, status) => viewReads.get(view)?.[status].inc(),
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

/** Of each of the model's views a child per status, made once for the same reason. */
function viewCounters(metrics: Metrics): ReadonlyMap<string, Record<ViewReadStatus, { inc(): void }>> {
  const counter = metrics.counter({
    name: "serving_view_reads_total",
    help: "Reads of catalog films' features by view and by what was found: present, stale, missing or unreadable",
    labels: ["view", "status"],
  });
  return new Map(
    RATING_VIEWS.map(viewKey).map((view) => [
      view,
      {
        present: counter.labels(view, "present"),
        stale: counter.labels(view, "stale"),
        missing: counter.labels(view, "missing"),
        unreadable: counter.labels(view, "unreadable"),
      },
    ]),
  );
}
