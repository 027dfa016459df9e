import type { RunStatus, Trigger } from "@marquee/shared/contracts/pipeline-run";
import type { RetrainCode } from "@marquee/shared/contracts/retrain-decision";
import type { Metrics } from "@marquee/shared/service/metrics";

/** From the shortest step to the service level of a retrain and a first collection. */
const RUN_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 43_200];

/** Everything that the scheduler measures of itself. */
export interface SchedulerMetrics {
  runEnded(run: { pipeline: string; trigger: Trigger; status: RunStatus; seconds: number }): void;
  lastSuccess(pipeline: string, endedAt: Date): void;
  retrainDecided(code: RetrainCode): void;
}

export function createSchedulerMetrics(metrics: Metrics): SchedulerMetrics {
  const runs = metrics.counter({
    name: "pipeline_runs_total",
    help: "Pipeline runs that have ended",
    labels: ["pipeline", "trigger", "status"],
  });
  const seconds = metrics.histogram({
    name: "pipeline_run_duration_seconds",
    help: "Time from a run's creation to its end",
    labels: ["pipeline"],
    buckets: RUN_BUCKETS_SECONDS,
  });
  const success = metrics.gauge({
    name: "pipeline_last_success_timestamp_seconds",
    help: "When a pipeline's latest successful run ended",
    labels: ["pipeline"],
  });
  const decisions = metrics.counter({
    name: "retrain_decisions_total",
    help: "What the retrain governor answered to alerts that asked for a retrain",
    labels: ["code"],
  });
  return {
    runEnded: ({ pipeline, trigger, status, seconds: duration }) => {
      runs.inc({ pipeline, trigger, status });
      seconds.observe({ pipeline }, duration);
    },
    lastSuccess: (pipeline, endedAt) => success.set({ pipeline }, endedAt.getTime() / 1_000),
    retrainDecided: (code) => decisions.inc({ code }),
  };
}
