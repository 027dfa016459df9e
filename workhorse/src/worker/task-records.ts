import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { tellOfRun } from "@marquee/shared/backing/task-queue/task-notices";
import { statusesBefore, type TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { MarqueeError } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";

/** Writes a task run's begin. @returns its run's id; undefined where the task has ended or is not there any more */
export async function recordBegin(
  tx: Transaction,
  taskRunId: string,
  { worker, now }: { worker: string; now: Date },
): Promise<string | undefined> {
  const [row] = await tx.query<{ run_id: string }>(
    `update task_runs set status = 'running', tries = tries + 1, worker = $2, started_at = $3, error = null
     where task_run_id = $1 and status = any($4) returning run_id`,
    [taskRunId, worker, now, statusesBefore("running")],
  );
  if (row) await tellOfRun(tx, row.run_id);
  return row?.run_id;
}

export interface TaskEnd {
  /** `queued`: it will be tried again. */
  status: Extract<TaskStatus, "succeeded" | "failed" | "queued">;
  result?: TaskResult;
  error?: MarqueeError;
  now: Date;
}

/**
 * Writes how a try ended, and tells the scheduler. Belongs into the transaction that settles it with the queue, which
 * has made sure that the task was still this worker's.
 */
export async function recordEnd(tx: Transaction, taskRunId: string, end: TaskEnd): Promise<void> {
  const { status, result, error, now } = end;
  const [row] = await tx.query<{ run_id: string }>(
    `update task_runs set status = $2, output = $3, error = $4, ended_at = $5
     where task_run_id = $1 and status = any($6) returning run_id`,
    [
      taskRunId,
      status,
      result === undefined ? null : JSON.stringify(result),
      error === undefined ? null : scrub(`${error.code}: ${error.message}`),
      status === "queued" ? null : now,
      statusesBefore(status),
    ],
  );
  if (row) await tellOfRun(tx, row.run_id);
}
