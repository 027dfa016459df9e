import { z } from "zod";
import { calendarDateSchema } from "./time.ts";

/** What a task reports of its run. */
export const taskResultSchema = z.object({
  rowsIn: z.int().min(0),
  rowsOut: z.int().min(0),
  detail: z.record(z.string(), z.unknown()).describe("Figures of its own, for people and dashboards"),
});
export type TaskResult = z.infer<typeof taskResultSchema>;

const noInput = z.strictObject({});

/**
 * The tasks that workers know, by name, with what each takes. Pipelines name them (controltower), workers carry them
 * out (workhorse); a worker refuses to start when one has no implementation.
 */
export const TASKS = {
  /** Brings what is new at TMDB and IMDb, or at one of them, into the archive. */
  collect: z.strictObject({
    source: z.enum(["tmdb", "imdb"]).optional(),
    /** TMDB alone: films that were released or have changed since this day; what is new since the last time unless given. */
    since: calendarDateSchema.optional(),
  }),
  /** Archive to typed rows. */
  catalog: noInput,
  /** Catalog to feature vectors as of each film's day. */
  features: noInput,
  /** The latest features into the online store. */
  materialize: z
    .strictObject({
      /** What has changed since what lies there, or everything; what has changed unless given. */
      mode: z.enum(["incremental", "full"]).optional(),
      /** Rows alone whose event time is on this day or later. */
      from: calendarDateSchema.optional(),
      /** Rows alone whose event time is before this day. */
      to: calendarDateSchema.optional(),
      /** These views alone, by name: `film_metadata`, `track_record@2`. */
      views: z.array(z.string().min(1)).min(1).optional(),
    })
    .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
      path: ["from"],
      message: "must be a day before `to`",
    }),
  /** Holds what lies online against what was built, on a sample of films. */
  "check-skew": z.strictObject({ films: z.int().min(1).max(100_000).optional() }),
  /** Trains and tests a model. Its result's detail has `runId`. */
  train: z.strictObject({
    testFrom: calendarDateSchema.optional(),
    seed: z.int().min(0).max(4_294_967_295).optional(),
  }),
  /** Registers the trained run as a version and lets the promotion gate decide. */
  gate: z.strictObject({ runId: z.uuid() }),
  /** Removes what has been kept for long enough. */
  retention: noInput,
  /** Database and models into the store of backups; removes the backups that are not to be kept any more. */
  backup: noInput,
} as const;
export type TaskName = keyof typeof TASKS;
export const TASK_NAMES = Object.keys(TASKS) as TaskName[];

/** One task of one pipeline run, as it lies in the queue. */
export const taskMessageSchema = z.strictObject({
  taskRunId: z.uuid(),
  runId: z.uuid(),
  pipeline: z.string(),
  task: z.enum(TASK_NAMES as [TaskName, ...TaskName[]]),
  input: z.record(z.string(), z.unknown()),
  /** From its start; a task that takes longer is killed and counts as failed. */
  timeLimitSeconds: z.number().positive(),
});
export type TaskMessage = z.infer<typeof taskMessageSchema>;
