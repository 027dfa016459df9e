import { RUNS_IN_USE } from "../data-quality/check-store.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { removeInBatches } from "./remove-in-batches.ts";
import { keptFrom } from "./retention-limits.ts";
import type { RetentionDays } from "./retention-settings.ts";

interface AgingTable {
  table: string;
  days: Exclude<keyof RetentionDays, "features" | "tmdb" | "imdb">;
  old: string;
}

/** In an order in which none of them names a row of an earlier one. */
const AGING_TABLES: readonly AgingTable[] = [
  // Since we have it, not since it happened: events of long ago may be brought in.
  { table: "user_events", days: "userEvents", old: "received_at < $1" },
  { table: "user_ratings", days: "userRatings", old: "rated_at < $1" },
  { table: "predictions", days: "predictions", old: "predicted_at < $1" },
  { table: "log_lines", days: "logs", old: "logged_at < $1" },
  { table: "retrain_decisions", days: "runs", old: "last_seen_at < $1" },
  {
    table: "pipeline_runs",
    days: "runs",
    old: "ended_at < $1 and not exists (select from retrain_decisions d where d.run_id = pipeline_runs.run_id)",
  },
  {
    // The latest success of each step says whether there is anything to do; what a person said of a run stays, and what
    // the quality gate holds the next load against. The figures of other runs go with them.
    table: "step_runs",
    days: "runs",
    old: `started_at < $1 and status <> 'running' and run_id <> all(array(
            select distinct on (step) run_id from step_runs where status = 'succeeded' order by step, started_at desc))
          and run_id <> all(array(${RUNS_IN_USE}))
          and not exists (select from quality_acceptances a where a.run_id = step_runs.run_id)`,
  },
];

/** Removes what we recorded ourselves and have kept for long enough. @returns rows removed, by table */
export async function expireOwnData(context: TaskContext, days: RetentionDays): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (const { table, days: which, old } of AGING_TABLES) {
    const from = keptFrom(days[which], context.clock.now());
    if (from !== undefined) removed[table] = await removeInBatches(context, { table, old, keptFrom: from });
  }
  return removed;
}
