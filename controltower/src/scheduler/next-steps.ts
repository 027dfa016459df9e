import { hasEnded, type RunStatus, type TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import type { TaskName } from "@marquee/shared/contracts/tasks";
import type { Pipeline } from "./pipelines/pipeline.ts";

export interface TaskState {
  task: TaskName;
  status: TaskStatus;
}

export interface NextSteps {
  /** Waiting tasks whose turn it is. */
  queue: TaskName[];
  /** Waiting tasks whose turn cannot come any more. */
  skip: TaskName[];
  /** The run's, once these steps are taken. */
  status: RunStatus;
}

/**
 * What a run does next, from its tasks' states alone: asked twice it answers the same, whoever asks.
 *
 *   queued ──► running ──► succeeded
 *                └───────► failed       (a task failed; those that do not wait for it are finished first)
 */
export function nextSteps({ tasks }: Pick<Pipeline, "tasks">, states: readonly TaskState[]): NextSteps {
  const statusOf = new Map(states.map(({ task, status }) => [task, status]));
  const steps: Record<"queue" | "skip", TaskName[]> = { queue: [], skip: [] };
  for (const { task } of inOrder(tasks, states)) {
    if (statusOf.get(task) !== "waiting") continue;
    const definition = tasks[task];
    const before = (definition?.after ?? []).map((name) => statusOf.get(name));
    // A task of an older release, or one that waits for a task that the run does not have.
    const impossible = definition === undefined || before.includes(undefined);
    if (impossible || before.some((status) => status === "failed" || status === "skipped")) {
      statusOf.set(task, "skipped");
      steps.skip.push(task);
    } else if (before.every((status) => status === "succeeded")) {
      statusOf.set(task, "queued");
      steps.queue.push(task);
    }
  }
  return { ...steps, status: runStatus([...statusOf.values()]) };
}

/** In the pipeline's order, so that what is skipped is known before those that wait for it are looked at. */
function inOrder(tasks: Pipeline["tasks"], states: readonly TaskState[]): TaskState[] {
  const places = new Map(Object.keys(tasks).map((task, place) => [task, place]));
  const placeOf = ({ task }: TaskState) => places.get(task) ?? places.size;
  return states.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function runStatus(statuses: readonly TaskStatus[]): RunStatus {
  if (statuses.every(hasEnded)) return statuses.every((status) => status === "succeeded") ? "succeeded" : "failed";
  return statuses.every((status) => status === "waiting" || status === "queued") ? "queued" : "running";
}
