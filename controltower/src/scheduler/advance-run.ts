import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import {
  hasEnded,
  type RunStatus,
  statusesBefore,
  type TaskStatus,
  type Trigger,
} from "@marquee/shared/contracts/pipeline-run";
import { TASKS, type TaskName, type TaskResult, taskResultSchema } from "@marquee/shared/contracts/tasks";
import type { Clock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { z } from "zod";
import { nextSteps } from "./next-steps.ts";
import { DEFAULT_RETRIES, type Pipeline } from "./pipelines/pipeline.ts";

export interface Advancing {
  queue: Pick<TaskQueue, "send">;
  clock: Clock;
  pipelines: readonly Pipeline[];
}

/** A run that has ended by this step. */
export interface EndedRun {
  runId: string;
  pipeline: string;
  trigger: Trigger;
  status: RunStatus;
  seconds: number;
  endedAt: Date;
  failures: { task: TaskName; error: string | null }[];
}

interface RunRow {
  run_id: string;
  pipeline: string;
  status: RunStatus;
  trigger: Trigger;
  parameters: Record<string, unknown>;
  created_at: Date;
}

interface TaskRow {
  task_run_id: string;
  task: TaskName;
  status: TaskStatus;
  output: unknown;
  error: string | null;
}

/**
 * Takes the next steps of a run, in the caller's transaction and under the run's lock: queues the tasks whose turn it
 * is, skips those whose turn cannot come, and writes the run's status. Called again it finds nothing to do.
 * @returns the run where it has ended by this
 */
export async function advanceRun(tx: Transaction, runId: string, advancing: Advancing): Promise<EndedRun | undefined> {
  const [run] = await tx.query<RunRow>(
    "select run_id, pipeline, status, trigger, parameters, created_at from pipeline_runs where run_id = $1 for update",
    [runId],
  );
  if (run === undefined || hasEnded(run.status)) return undefined;
  const definition = advancing.pipelines.find(({ name }) => name === run.pipeline) ?? { tasks: {} };
  const tasks = await tx.query<TaskRow>(
    "select task_run_id, task, status, output, error from task_runs where run_id = $1 order by place",
    [runId],
  );
  let steps = nextSteps(definition, tasks);
  let refused = false;
  for (const name of steps.queue) {
    const task = tasks.find(({ task }) => task === name);
    if (task && !(await queueTask(tx, { run, task, tasks, definition, ...advancing }))) refused = true;
  }
  if (refused) steps = { ...nextSteps(definition, tasks), queue: [] };
  await skipTasks(tx, run, steps.skip, advancing.clock);
  return writeStatus(tx, run, steps.status, advancing.clock);
}

interface QueueTaskOptions extends Advancing {
  run: RunRow;
  task: TaskRow;
  tasks: readonly TaskRow[];
  definition: Pick<Pipeline, "tasks">;
}

/** @returns false where its input is not what the task takes; the task has failed then */
async function queueTask(
  tx: Transaction,
  { run, task, tasks, definition, queue, clock }: QueueTaskOptions,
): Promise<boolean> {
  const known = definition.tasks[task.task];
  const parsed = TASKS[task.task].safeParse(
    known?.input?.({ parameters: run.parameters, outputs: outputsOf(tasks) }) ?? {},
  );
  if (known === undefined || !parsed.success) {
    task.status = "failed";
    task.error = `Its input cannot be made: ${parsed.error ? z.prettifyError(parsed.error) : "it is not defined"}`;
    await tx.execute(
      "update task_runs set status = 'failed', error = $2, ended_at = $3 where task_run_id = $1 and status = any($4)",
      [task.task_run_id, task.error, clock.now(), statusesBefore("failed")],
    );
    return false;
  }
  const { timeLimitSeconds, retries = DEFAULT_RETRIES } = known;
  await tx.execute(
    "update task_runs set status = 'queued', input = $2, queued_at = $3 where task_run_id = $1 and status = any($4)",
    [task.task_run_id, JSON.stringify(parsed.data), clock.now(), statusesBefore("queued")],
  );
  const message = { taskRunId: task.task_run_id, runId: run.run_id, pipeline: run.pipeline, task: task.task };
  await queue.send(tx, { ...message, input: parsed.data, timeLimitSeconds }, { retries });
  return true;
}

function outputsOf(tasks: readonly TaskRow[]): Partial<Record<TaskName, TaskResult>> {
  return Object.fromEntries(
    tasks
      .filter(({ status }) => status === "succeeded")
      .map(({ task, output }) => [task, taskResultSchema.parse(output)]),
  );
}

async function skipTasks(tx: Transaction, run: RunRow, tasks: readonly TaskName[], clock: Clock): Promise<void> {
  if (tasks.length === 0) return;
  await tx.execute(
    "update task_runs set status = 'skipped', ended_at = $3 where run_id = $1 and task = any($2) and status = any($4)",
    [run.run_id, tasks, clock.now(), statusesBefore("skipped")],
  );
}

async function writeStatus(
  tx: Transaction,
  run: RunRow,
  status: RunStatus,
  clock: Clock,
): Promise<EndedRun | undefined> {
  if (status === run.status) return undefined;
  const now = clock.now();
  await tx.execute(
    `update pipeline_runs set status = $2, ended_at = $3,
       started_at = coalesce(started_at, (select min(started_at) from task_runs where run_id = $1))
     where run_id = $1`,
    [run.run_id, status, hasEnded(status) ? now : null],
  );
  if (!hasEnded(status)) return undefined;
  const failures = await tx.query<{ task: TaskName; error: string | null }>(
    "select task, error from task_runs where run_id = $1 and status = 'failed' order by place",
    [run.run_id],
  );
  const seconds = (now.getTime() - run.created_at.getTime()) / 1_000;
  return { runId: run.run_id, pipeline: run.pipeline, trigger: run.trigger, status, seconds, endedAt: now, failures };
}

export interface NewRun {
  pipeline: Pipeline;
  trigger: Trigger;
  by: string;
  reason: string;
  parameters?: Record<string, unknown>;
  /** The moment of the schedule; a pipeline has one run of it, however many schedulers tick. */
  tick?: string;
}

/**
 * A run with its first tasks queued, in the caller's transaction.
 * @returns its id; undefined where the pipeline runs already, or the tick has its run
 */
export async function createRun(tx: Transaction, run: NewRun, advancing: Advancing): Promise<string | undefined> {
  const { clock } = advancing;
  const runId = uuidv7(clock);
  const [created] = await tx.query(
    `insert into pipeline_runs (run_id, pipeline, status, trigger, triggered_by, reason, parameters, tick, created_at)
     values ($1, $2, 'queued', $3, $4, $5, $6, $7, $8) on conflict do nothing returning run_id`,
    [
      runId,
      run.pipeline.name,
      run.trigger,
      run.by,
      run.reason,
      JSON.stringify(run.parameters ?? {}),
      run.tick ?? null,
      clock.now(),
    ],
  );
  if (created === undefined) return undefined;
  for (const [place, task] of Object.keys(run.pipeline.tasks).entries()) {
    await tx.execute(
      "insert into task_runs (task_run_id, run_id, task, place, status) values ($1, $2, $3, $4, 'waiting')",
      [uuidv7(clock), runId, task, place],
    );
  }
  await advanceRun(tx, runId, advancing);
  return runId;
}
