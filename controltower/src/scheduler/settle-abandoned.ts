import type { Database } from "@marquee/shared/backing/postgres/database";
import { tellOfTask } from "@marquee/shared/backing/task-queue/task-notices";
import type { TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { statusesBefore, type TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";

export interface Settling {
  database: Database;
  queue: Pick<TaskQueue, "statesOf">;
  clock: Clock;
  log: Logger;
}

interface OpenTask {
  task_run_id: string;
  run_id: string;
  task: string;
  status: TaskStatus;
  tries: number;
}

/**
 * Tells of tasks whose worker died: the queue gives them to another worker, or gives them up after their last try, and
 * no worker is left to write that down. What a worker writes at the same time wins: the updates ask for the state that was read.
 */
export async function settleAbandoned({ database, queue, clock, log }: Settling): Promise<void> {
  const open = await database.query<OpenTask>(
    "select task_run_id, run_id, task, status, tries from task_runs where status in ('queued', 'running')",
  );
  if (open.length === 0) return;
  // Asked after the rows were read: what changes in between has another status or another number of tries.
  const states = await queue.statesOf(
    database,
    open.map(({ task_run_id }) => task_run_id),
  );
  for (const row of open) {
    const state = states.get(row.task_run_id);
    const told = { traceId: row.run_id, task: row.task, tries: row.tries };
    if (state === "over" && (await settle(database, row, "failed", clock))) {
      log.error(told, "a task was given up: its worker died, and there are no tries left");
    } else if (state === "waiting" && row.status === "running" && (await settle(database, row, "queued", clock))) {
      log.warn(told, "a task's worker died; another takes it");
      // Those who wait do not know yet that there is something to wait for.
      await tellOfTask(database);
    }
  }
}

/** Deaths of workers leave no other trace than this. */
const LOST = "TASK_LOST: The worker died.";

async function settle(
  database: Database,
  { task_run_id, tries }: OpenTask,
  status: "queued" | "failed",
  clock: Clock,
): Promise<boolean> {
  const changed = await database.execute(
    `update task_runs set status = $2, error = $3, ended_at = $4
     where task_run_id = $1 and tries = $5 and status = any($6)`,
    [task_run_id, status, LOST, status === "failed" ? clock.now() : null, tries, statusesBefore(status)],
  );
  return changed === 1;
}
