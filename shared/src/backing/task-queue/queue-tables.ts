import type { Queries } from "../postgres/database.ts";

/** pg-boss's own tables, which it makes and brings up to date by itself. What it has no call for is asked here. */
export const SCHEMA = "pgboss";
export const QUEUE = "tasks";

/** Timers may fire early by a millisecond. */
const TIMER_SLACK_MS = 5;

/** Where a task is. `over` also where the queue does not know it (any more). */
export type QueueState = "waiting" | "taken" | "over";

/** Until the first retry is due, at most until the next poll. */
export async function millisecondsToNext(queries: Queries, pollMs: number): Promise<number> {
  const [row] = await queries.query<{ milliseconds: number | null }>(
    `select (extract(epoch from min(start_after) - now()) * 1000)::double precision as milliseconds
     from ${SCHEMA}.job where name = $1 and state < 'active' and start_after > now()`,
    [QUEUE],
  );
  return Math.min(pollMs, (row?.milliseconds ?? Number.POSITIVE_INFINITY) + TIMER_SLACK_MS);
}

export async function statesOf(queries: Queries, taskRunIds: readonly string[]): Promise<Map<string, QueueState>> {
  const rows = await queries.query<{ id: string; state: string }>(
    `select id, state::text from ${SCHEMA}.job where name = $1 and id = any($2::uuid[])`,
    [QUEUE, taskRunIds],
  );
  const states = new Map<string, QueueState>(taskRunIds.map((id) => [id, "over"]));
  for (const { id, state } of rows) {
    if (state === "created" || state === "retry") states.set(id, "waiting");
    if (state === "active") states.set(id, "taken");
  }
  return states;
}
