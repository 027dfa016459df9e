import type { Database, Queries } from "@marquee/shared/backing/postgres/database";
import {
  type PipelineRun,
  pipelineRunSchema,
  type RunStatus,
  type TaskRun,
  type Trigger,
} from "@marquee/shared/contracts/pipeline-run";
import { MarqueeError } from "@marquee/shared/service/errors";

interface RunRow {
  run_id: string;
  pipeline: string;
  status: RunStatus;
  trigger: Trigger;
  triggered_by: string;
  reason: string;
  parameters: Record<string, unknown>;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

interface TaskRow {
  task_run_id: string;
  run_id: string;
  task: TaskRun["task"];
  status: TaskRun["status"];
  tries: number;
  worker: string | null;
  output: unknown;
  error: string | null;
  queued_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
}

/** @throws RUN_UNKNOWN */
export async function findRun(queries: Queries, runId: string): Promise<PipelineRun> {
  const rows = await queries.query<RunRow>("select * from pipeline_runs where run_id = $1", [runId]);
  const [run] = await withTasks(queries, rows);
  if (run === undefined) throw new MarqueeError("RUN_UNKNOWN", `There is no run ${runId}.`);
  return run;
}

/** The latest first. */
export async function listRuns(
  database: Database,
  { pipeline, limit }: { pipeline?: string | undefined; limit: number },
): Promise<PipelineRun[]> {
  const rows = await database.query<RunRow>(
    "select * from pipeline_runs where $1::text is null or pipeline = $1 order by created_at desc, run_id desc limit $2",
    [pipeline ?? null, limit],
  );
  return withTasks(database, rows);
}

/** Of each pipeline that ever succeeded. */
export async function lastSuccesses(database: Database): Promise<{ pipeline: string; endedAt: Date }[]> {
  return database.query<{ pipeline: string; endedAt: Date }>(
    `select pipeline, max(ended_at) as "endedAt" from pipeline_runs where status = 'succeeded' group by pipeline`,
  );
}

async function withTasks(queries: Queries, runs: readonly RunRow[]): Promise<PipelineRun[]> {
  const tasks = await queries.query<TaskRow>("select * from task_runs where run_id = any($1::uuid[]) order by place", [
    runs.map(({ run_id }) => run_id),
  ]);
  return runs.map((run) =>
    runOf(
      run,
      tasks.filter(({ run_id }) => run_id === run.run_id),
    ),
  );
}

function runOf(run: RunRow, tasks: readonly TaskRow[]): PipelineRun {
  return pipelineRunSchema.parse({
    runId: run.run_id,
    pipeline: run.pipeline,
    status: run.status,
    trigger: run.trigger,
    triggeredBy: run.triggered_by,
    reason: run.reason,
    parameters: run.parameters,
    createdAt: run.created_at.toISOString(),
    startedAt: instantOrNull(run.started_at),
    endedAt: instantOrNull(run.ended_at),
    tasks: tasks.map((task) => ({
      taskRunId: task.task_run_id,
      task: task.task,
      status: task.status,
      tries: task.tries,
      worker: task.worker,
      output: task.output,
      error: task.error,
      queuedAt: instantOrNull(task.queued_at),
      startedAt: instantOrNull(task.started_at),
      endedAt: instantOrNull(task.ended_at),
    })),
  });
}

function instantOrNull(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
