import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { errorMessage, isMarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { withStepLock } from "./step-lock.ts";
import type { StepContext, TaskContext } from "./task-context.ts";

/** The steps of the chain, in their order, and the one that removes what they made from sources when its time is up. */
const STEPS = ["collect", "archive", "catalog", "features", "train", "register", "materialize", "retention"] as const;
export type Step = (typeof STEPS)[number];

export interface StepRun extends TaskResult {
  /** True when the latest run had the same input, so that there was nothing to do. */
  unchanged: boolean;
}

export interface StepInput {
  /** Identity of all that the step reads; when the latest success had the same, nothing runs. */
  inputHash?: string;
  /** Whether what that success made is still to be had; the step runs again where it is not. */
  stillThere?: (last: TaskResult, context: TaskContext) => Promise<boolean>;
}

/** What a step does, and what makes it unnecessary. */
export interface StepDefinition extends StepInput {
  step: Step;
  work(context: StepContext): Promise<TaskResult>;
}

/**
 * Runs a step as a tracked run: start, end, rows in and out, and why it failed, in `step_runs`. Of one step one run at a
 * time, whatever pipelines ask for it: a second one waits, and finds nothing to do where the first had the same input.
 */
export async function trackedStep(context: TaskContext, definition: StepDefinition): Promise<StepRun> {
  return withStepLock(context, definition.step, () => runStep(context, definition));
}

async function runStep(
  context: TaskContext,
  { step, work, inputHash, stillThere = async () => true }: StepDefinition,
): Promise<StepRun> {
  const { database, clock } = context;
  const last = inputHash === undefined ? undefined : await lastSuccess(context, step);
  if (last && last.inputHash === inputHash && (await stillThere(last.result, context)))
    return { ...last.result, unchanged: true };
  const runId = uuidv7(clock);
  // A run that still says "running" was killed: whoever runs the step holds its lock, and that is us.
  await database.execute(
    "update step_runs set status = 'failed', ended_at = $2 where step = $1 and status = 'running'",
    [step, clock.now()],
  );
  await database.execute(
    "insert into step_runs (run_id, step, status, input_hash, started_at) values ($1, $2, 'running', $3, $4)",
    [runId, step, inputHash ?? null, clock.now()],
  );
  try {
    const result = await work({ ...context, runId });
    await database.execute(
      "update step_runs set status = 'succeeded', rows_in = $2, rows_out = $3, detail = $4, ended_at = $5 where run_id = $1",
      [runId, result.rowsIn, result.rowsOut, JSON.stringify(result.detail), clock.now()],
    );
    return { ...result, unchanged: false };
  } catch (error) {
    // The database itself may be what failed; the run then stays "running" until the next one finds it.
    await database
      .execute("update step_runs set status = 'failed', detail = $2, ended_at = $3 where run_id = $1", [
        runId,
        JSON.stringify({ ...factsOf(error), error: errorMessage(error) }),
        clock.now(),
      ])
      .catch((cause: unknown) => context.log.warn({ err: cause, step }, "could not record the failed run"));
    throw error;
  }
}

/** What the quality gate found beside the error that it stopped the run with. */
function factsOf(error: unknown): Record<string, unknown> {
  return isMarqueeError(error, "QUALITY_STOPPED") ? error.details : {};
}

async function lastSuccess(
  { database }: TaskContext,
  step: Step,
): Promise<{ inputHash: string | null; result: TaskResult } | undefined> {
  const [row] = await database.query<{
    input_hash: string | null;
    rows_in: number;
    rows_out: number;
    detail: Record<string, unknown>;
  }>(
    "select input_hash, rows_in, rows_out, detail from step_runs where step = $1 and status = 'succeeded' order by started_at desc limit 1",
    [step],
  );
  return (
    row && { inputHash: row.input_hash, result: { rowsIn: row.rows_in, rowsOut: row.rows_out, detail: row.detail } }
  );
}
