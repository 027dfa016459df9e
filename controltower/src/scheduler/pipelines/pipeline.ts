import type { TaskName, TaskResult } from "@marquee/shared/contracts/tasks";
import type { z } from "zod";

/** What a task's input is made from. */
export interface KnownToTask {
  /** Of the run, as its pipeline's schema gives them. */
  parameters: Record<string, unknown>;
  /** Of the tasks that have succeeded. */
  outputs: Partial<Record<TaskName, TaskResult>>;
}

export interface TaskDefinition {
  /** Tasks that have to succeed first; they stand before this one. None unless given. */
  after?: readonly TaskName[];
  /** From the task's start; then it is killed. */
  timeLimitSeconds: number;
  /** After the first try, where its error says that trying again can help; 3 unless given. */
  retries?: number;
  /** Parsed by the task's schema before it is queued. Nothing unless given. */
  input?: (known: KnownToTask) => Record<string, unknown>;
}

export interface PipelineDefinition {
  /** For people. */
  description: string;
  /** What a run may be given. */
  parameters: z.ZodObject;
  /** In an order in which each stands after those it waits for. */
  tasks: Partial<Record<TaskName, TaskDefinition>>;
}

/** Tasks, their order and their limits: a directed graph without cycles. */
export interface Pipeline extends PipelineDefinition {
  name: string;
}

export function pipeline(name: string, definition: PipelineDefinition): Pipeline {
  return { name, ...definition };
}

export const DEFAULT_RETRIES = 3;

/** Of a task's definitions, in their order. */
export function tasksOf({ tasks }: Pick<Pipeline, "tasks">): { task: TaskName; definition: TaskDefinition }[] {
  return Object.entries(tasks).map(([task, definition]) => ({ task: task as TaskName, definition }));
}
