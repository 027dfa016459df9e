import { z } from "zod";
import { TASK_NAMES, type TaskName } from "./tasks.ts";
import { instantSchema } from "./time.ts";

export const RUN_STATUSES = ["queued", "running", "succeeded", "failed"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** `waiting`: for the tasks before it. `skipped`: one of them failed. */
export const TASK_STATUSES = ["waiting", "queued", "running", "succeeded", "failed", "skipped"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 *   waiting ──► queued ──► running ──► succeeded
 *      │  │       │  ▲       │ │└────► failed
 *      │  └──► failed└───────┘ └──┐
 *      └────► skipped   (again) running (taken over from a worker that died)
 *
 * Told by the scheduler: waiting to queued, skipped and failed, and what the queue has given up. By the worker: the rest.
 */
export const TASK_TRANSITIONS: Record<TaskStatus, readonly TaskStatus[]> = {
  waiting: ["queued", "skipped", "failed"],
  queued: ["running", "failed"],
  running: ["running", "queued", "succeeded", "failed"],
  succeeded: [],
  failed: [],
  skipped: [],
};

/** The statuses from which a task may come to `status`: what an update's `where` names. */
export function statusesBefore(status: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((before) => TASK_TRANSITIONS[before].includes(status));
}

/** Whether a task or run of this status stays as it is. */
export function hasEnded(status: TaskStatus | RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "skipped";
}

export const TRIGGERS = ["schedule", "manual", "alert"] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const taskRunSchema = z.strictObject({
  taskRunId: z.uuid(),
  task: z.enum(TASK_NAMES as [TaskName, ...TaskName[]]),
  status: z.enum(TASK_STATUSES),
  tries: z.int().min(0).describe("How often it has begun"),
  worker: z.string().nullable(),
  output: z.unknown(),
  error: z.string().nullable(),
  queuedAt: instantSchema.nullable(),
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
});
export type TaskRun = z.infer<typeof taskRunSchema>;

/** `GET /api/runs/:runId`, and the answer to `POST /api/pipelines/:name/runs`. Its id is the trace id of its logs. */
export const pipelineRunSchema = z.strictObject({
  runId: z.uuid(),
  pipeline: z.string(),
  status: z.enum(RUN_STATUSES),
  trigger: z.enum(TRIGGERS),
  triggeredBy: z.string(),
  reason: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  tasks: z.array(taskRunSchema),
});
export type PipelineRun = z.infer<typeof pipelineRunSchema>;

/** `POST /api/pipelines/:name/runs` */
export const triggerRequestSchema = z.strictObject({
  reason: z.string().trim().min(1).max(1_000).default("Triggered by hand."),
  by: z.string().trim().min(1).max(100).default("api"),
  parameters: z.record(z.string(), z.unknown()).default({}),
});
export type TriggerRequest = z.infer<typeof triggerRequestSchema>;

/** Of `GET /api/pipelines`. */
export const pipelineSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  schedule: z.strictObject({ cron: z.string(), timeZone: z.string(), next: instantSchema.nullable() }).nullable(),
  tasks: z.array(
    z.strictObject({
      task: z.enum(TASK_NAMES as [TaskName, ...TaskName[]]),
      after: z.array(z.string()),
      timeLimitSeconds: z.number().positive(),
      retries: z.int().min(0),
    }),
  ),
});
export type PipelineDescription = z.infer<typeof pipelineSchema>;
