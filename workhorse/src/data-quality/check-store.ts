import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { Figure, KnownFigures, QualityCheck } from "./quality-check.ts";

/** Keeps the checks of a step's run; the later of two on the same figure counts. */
export async function saveChecks(
  queries: Queries,
  runId: string,
  checks: readonly QualityCheck[],
  now: Date,
): Promise<void> {
  await queries.execute(
    `insert into quality_checks (run_id, subject, metric, layer, value, expected, verdict, checked_at)
     select $1, r.subject, r.metric, r.layer, r.value, r.expected, r.verdict, $3
     from jsonb_to_recordset($2::jsonb) as r(subject text, metric text, layer text, value double precision, expected text, verdict text)
     on conflict (run_id, subject, metric) do update set
       layer = excluded.layer, value = excluded.value, expected = excluded.expected, verdict = excluded.verdict,
       checked_at = excluded.checked_at`,
    [runId, JSON.stringify(checks), now],
  );
}

/**
 * Each figure when it was last good: in the latest run that did not stop on its subject, or that a person has accepted. A
 * file that was loaded counts even where its run failed later, since its rows are in use.
 */
const LAST_GOOD = `
  select distinct on (c.subject, c.metric) c.subject, c.metric, c.value, c.run_id
  from quality_checks c join step_runs r using (run_id)
  where c.value is not null
    and (exists (select from quality_acceptances a where a.run_id = c.run_id)
         or not exists (select from quality_checks s where s.run_id = c.run_id and s.subject = c.subject and s.verdict = 'stop'))
  order by c.subject, c.metric, r.started_at desc, c.run_id desc`;

/** The runs whose figures the next load is held against, and those that say last of something whether it was stopped. */
export const RUNS_IN_USE = `
  select run_id from (${LAST_GOOD}) good
  union select run_id from (
    select distinct on (c.subject) c.run_id
    from quality_checks c join step_runs r using (run_id)
    order by c.subject, r.started_at desc, c.run_id desc) latest`;

/** What the same figures were when they were last good. */
export async function lastGoodFigures(queries: Queries, figures: readonly Figure[]): Promise<KnownFigures> {
  const rows = await queries.query<{ key: string; value: number }>(
    `select subject || ' ' || metric as key, value from (${LAST_GOOD}) good where subject = any($1)`,
    [[...new Set(figures.map(({ subject }) => subject))]],
  );
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/** All checks of a run, in the order of layers and subjects. */
export async function checksOf(queries: Queries, runId: string): Promise<QualityCheck[]> {
  return queries.query<QualityCheck>(
    `select layer, subject, metric, value, expected, verdict from quality_checks
     where run_id = $1 order by layer, subject, metric`,
    [runId],
  );
}
