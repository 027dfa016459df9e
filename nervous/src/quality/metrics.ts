import type { Metrics } from "@marquee/shared/service/metrics";
import type { QualityReport } from "./compute-quality.ts";

const OF_A_VERSION = ["model", "version"];

/**
 * The report as gauges. A figure that is not known has no series, and neither has a version that is no longer the
 * champion or the one before it: an alert then has nothing to stand on.
 */
export interface QualityMetrics {
  show(report: QualityReport): void;
}

export function createQualityMetrics(metrics: Metrics): QualityMetrics {
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels: OF_A_VERSION });
  const ofVersions = {
    liveRmse: gauge("live_rmse", "RMSE of predictions against ratings that became mature after them, rating points"),
    liveFilms: gauge("live_films", "Films behind the live error"),
    testedRmse: gauge("tested_rmse", "RMSE of the champion on the films that it was tested on, rating points"),
    psi: gauge("prediction_psi", "Population stability index of the champion's latest predictions against its test"),
    psiPredictions: gauge("prediction_psi_predictions", "Films and descriptions behind the index"),
  };
  const computed = metrics.gauge({
    name: "quality_computed_timestamp_seconds",
    help: "When the figures of quality were computed last, seconds since 1970",
  });
  return {
    // Without an await between, so that no scrape sees the gauges empty.
    show: ({ model, champion, liveErrors, computedAt }) => {
      for (const one of Object.values(ofVersions)) one.reset();
      for (const { version, films, rmse } of liveErrors) {
        const labels = { model, version: String(version) };
        ofVersions.liveFilms.set(labels, films);
        if (rmse !== undefined) ofVersions.liveRmse.set(labels, rmse);
      }
      if (champion) {
        const labels = { model, version: String(champion.version) };
        ofVersions.testedRmse.set(labels, champion.testedRmse);
        if (champion.drift) ofVersions.psiPredictions.set(labels, champion.drift.predictions);
        if (champion.drift?.psi !== undefined) ofVersions.psi.set(labels, champion.drift.psi);
      }
      computed.set(computedAt.getTime() / 1000);
    },
  };
}
