import type { StepContext } from "../tasks/task-context.ts";
import { catalogFigures } from "./catalog-figures.ts";
import { judgeRun } from "./judge-run.ts";
import type { QualitySummary } from "./quality-summary.ts";

/**
 * Judges the catalog after a load, together with the files that the load has taken. What moved in the sources' form is
 * told in the log, once for each field.
 * @throws QUALITY_STOPPED
 */
export async function gateCatalog(context: StepContext): Promise<QualitySummary> {
  const { database, clock } = context;
  await tellOfDrift(context);
  return judgeRun(context, await catalogFigures(database, clock.now()));
}

async function tellOfDrift({ database, runId, log }: StepContext): Promise<void> {
  const rows = await database.query<{ source: string; path: string; kind: string; detail: string }>(
    `select source, path, kind, detail from schema_drift
     where first_seen >= (select started_at from step_runs where run_id = $1) order by source, path, kind`,
    [runId],
  );
  for (const row of rows) log.warn(row, "a source's form has moved");
}
