import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskContext } from "../tasks/task-context.ts";
import { lastGoodFigures, saveChecks } from "./check-store.ts";
import { judge } from "./judge.ts";
import { type Figure, type QualityCheck, stopsOf } from "./quality-check.ts";

/**
 * Judges a file before its rows are committed, and keeps the figures with them. Where one stops (`stopsOf`), whoever
 * loads rolls back and saves the checks outside with `saveChecks`, so that they outlive the rows.
 * @param context of a step; outside of one, such as in a benchmark, there is no run to keep figures of
 */
export async function gateFile(
  tx: Transaction,
  figures: readonly Figure[],
  { runId, clock }: Pick<TaskContext, "clock"> & { runId?: string | undefined },
): Promise<QualityCheck[]> {
  const checks = judge(figures, await lastGoodFigures(tx, figures));
  if (runId !== undefined && stopsOf(checks).length === 0) await saveChecks(tx, runId, checks, clock.now());
  return checks;
}
