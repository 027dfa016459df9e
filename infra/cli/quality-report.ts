import type { Queries } from "@marquee/shared/backing/postgres/database";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Layer, Verdict } from "@marquee/workhorse/data-quality/quality-check";
import { describeValue } from "@marquee/workhorse/data-quality/quality-summary";
import type { JobOutcome } from "./run-job.ts";
import { textTable } from "./text-table.ts";

interface CheckedRun {
  run_id: string;
  step: string;
  status: string;
  started_at: Date;
  accepted_by: string | null;
  accepted_reason: string | null;
}

interface Check {
  run_id: string;
  layer: Layer;
  subject: string;
  metric: string;
  value: number | null;
  expected: string;
  verdict: Verdict;
}

/**
 * Each file and table by the load that last said something of it: an unchanged file is not judged again, and a removal of
 * what is old judges nothing.
 */
const LATEST_OF_EACH_SUBJECT = `select distinct on (c.layer, c.subject) c.run_id, c.layer, c.subject
  from quality_checks c join step_runs r using (run_id) where r.step <> 'retention' order by c.layer, c.subject, r.started_at desc, c.run_id desc`;

const WORST_FIRST = "array_position(array['stop', 'warn', 'pass'], c.verdict)";

/**
 * @param run one step's; the latest of each file and table unless given
 * @param all with what passed; else it is only counted. The detail always has all
 * @throws RUN_UNKNOWN where no checks of that run are kept
 */
export async function describeChecks(
  database: Queries,
  { run, all }: { run: string | undefined; all: boolean },
): Promise<JobOutcome> {
  const columns = "c.run_id, c.layer, c.subject, c.metric, c.value, c.expected, c.verdict";
  const order = `order by ${WORST_FIRST}, c.layer, c.subject, c.metric`;
  const checks =
    run === undefined
      ? await database.query<Check>(
          `select ${columns} from quality_checks c join (${LATEST_OF_EACH_SUBJECT}) l using (run_id, layer, subject) ${order}`,
        )
      : await database.query<Check>(`select ${columns} from quality_checks c where run_id = $1 ${order}`, [run]);
  if (run !== undefined && checks.length === 0)
    throw new MarqueeError(
      "RUN_UNKNOWN",
      `No checks of a run ${run} are kept. npm run marquee -- quality show names the latest.`,
    );
  const runs = await database.query<CheckedRun>(
    `select r.run_id, r.step, r.status, r.started_at, a.accepted_by, a.reason as accepted_reason
     from step_runs r left join quality_acceptances a using (run_id) where r.run_id = any($1) order by r.started_at`,
    [checks.map(({ run_id }) => run_id)],
  );
  const parts = runs.map((one) =>
    describeRun(
      one,
      checks.filter(({ run_id }) => run_id === one.run_id),
      all,
    ),
  );
  return {
    rowsIn: 0,
    rowsOut: checks.length,
    detail: { runs, checks },
    text: parts.length === 0 ? "Nothing was loaded and checked yet." : parts.join("\n\n"),
  };
}

function describeRun(run: CheckedRun, checks: readonly Check[], all: boolean): string {
  const accepted = run.accepted_by === null ? "" : `, accepted by ${run.accepted_by}: ${run.accepted_reason}`;
  const started = run.started_at.toISOString().slice(0, 16).replace("T", " ");
  const number = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
  const shown = checks.filter(({ verdict }) => all || verdict !== "pass");
  const rows = shown.map((check) => [
    check.verdict,
    check.layer,
    check.subject,
    check.metric,
    check.value === null ? null : describeValue(check.value),
    check.expected,
  ]);
  return [
    `${run.step} ${run.status}, begun ${started} UTC, run ${run.run_id}${accepted}`,
    `  ${number("stop")} stop, ${number("warn")} warn, ${number("pass")} pass${all ? "" : " (--all shows them)"}`,
    ...(rows.length > 0 ? [textTable(["verdict", "layer", "subject", "metric", "value", "expected"], rows)] : []),
  ].join("\n");
}

interface Drift {
  source: string;
  path: string;
  kind: string;
  detail: string;
  first_seen: Date;
  last_seen: Date;
}

export async function describeDrift(database: Queries): Promise<JobOutcome> {
  const drift = await database.query<Drift>(
    "select source, path, kind, detail, first_seen, last_seen from schema_drift order by last_seen desc, source, path, kind",
  );
  const [known] = await database.query<{ fields: number }>("select count(*)::integer as fields from source_fields");
  const rows = drift.map((row) => [
    row.last_seen.toISOString().slice(0, 10),
    row.source,
    row.kind,
    row.path,
    row.detail,
  ]);
  return {
    rowsIn: 0,
    rowsOut: drift.length,
    detail: { fields: known?.fields ?? 0, drift },
    text:
      drift.length === 0
        ? `None of the ${known?.fields ?? 0} fields that the sources have had has moved.`
        : textTable(["last seen", "source", "kind", "field", "detail"], rows),
  };
}
