import type { TaskMessage, TaskResult } from "@marquee/shared/contracts/tasks";
import type { Progress } from "../tasks/task-context.ts";

export interface Execution {
  /** Aborted when the task is to end; its result counts all the same where it comes. */
  signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/**
 * Carries out one task: in a child process (`child-executor.ts`), or in this one.
 * @throws what made it fail; a MarqueeError's `retriable` decides whether it is tried again
 */
export type ExecuteTask = (message: TaskMessage, execution: Execution) => Promise<TaskResult>;
