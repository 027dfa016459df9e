import type { TaskName } from "@marquee/shared/contracts/tasks";
import type { Metrics } from "@marquee/shared/service/metrics";

/** `retried`: failed, and will be tried again. `lost`: another has it. `given_back`: by a worker that stopped. */
export type TaskOutcome = "succeeded" | "retried" | "failed" | "lost" | "given_back";

const TASK_BUCKETS_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400];

/** Everything that the worker measures of itself. */
export interface WorkerMetrics {
  began(): void;
  ended(task: TaskName, outcome: TaskOutcome, seconds: number): void;
}

export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  const tasks = metrics.counter({
    name: "tasks_total",
    help: "Tries of tasks that this worker has ended",
    labels: ["task", "outcome"],
  });
  const seconds = metrics.histogram({
    name: "task_duration_seconds",
    help: "Time from a try's start to its end, however it ended",
    labels: ["task"],
    buckets: TASK_BUCKETS_SECONDS,
  });
  const running = metrics.gauge({ name: "tasks_running", help: "Tasks in this worker's hands" });
  return {
    began: () => running.inc(),
    ended: (task, outcome, duration) => {
      running.dec();
      tasks.inc({ task, outcome });
      seconds.observe({ task }, duration);
    },
  };
}
