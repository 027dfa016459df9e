import { z } from "zod";
import { TASK_NAMES, type TaskName } from "./tasks.ts";
import { instantSchema } from "./time.ts";

export const RUN_STATUSES = ["queued", "running", "succeeded", "failed"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** `waiting`: for the tasks before it. `skipped`: one of them failed. */
export const TASK_STATUSES = ["waiting", "queued", "running", "succeeded", "failed", "skipped"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TRIGGERS = ["schedule", "manual", "alert"] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const taskRunSchema = z.strictObject({
  taskRunId: z.uuid(),
  task: z.enum(TASK_NAMES as [TaskName, ...TaskName[]]),
  status: z.enum(TASK_STATUSES),
  tries: z.int().min(0),
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
