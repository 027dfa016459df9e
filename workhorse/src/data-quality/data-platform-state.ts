import type { Queries } from "@marquee/shared/backing/postgres/database";
import { type LatestCheck, latestFeatureChecks } from "../feature-store/feature-checks.ts";
import { newestFetches } from "./newest-fetches.ts";
import { type Layer, VERDICTS, type Verdict } from "./quality-check.ts";

/** What can be told of the data at any moment, at the cost of a few small tables: nothing of the catalog is counted. */
export interface DataPlatformState {
  requests: { source: string; outcome: string; requests: number }[];
  /** Of the latest judged run of each layer's step. */
  checks: { layer: Layer; subject: string; metric: string; value: number }[];
  /** The same runs: 0 passed, 1 with warnings or accepted by a person, 2 stopped. */
  verdicts: { layer: Layer; verdict: number }[];
  quarantined: { source: string; reason: string; rows: number }[];
  drift: { source: string; kind: string; fields: number }[];
  /** Rows of the catalog's tables, as the latest load's gate counted them. */
  tables: { table: string; rows: number }[];
  /** Seconds since the day (UTC) began on which the newest fetch in use came. */
  ages: { source: string; seconds: number }[];
  /** Of the leak detector and of the skew check, the latest. */
  featureChecks: LatestCheck[];
}

export async function readDataPlatformState(queries: Queries, now: Date): Promise<DataPlatformState> {
  const runs = await latestRuns(queries);
  return {
    requests: await queries.query("select source, outcome, requests from source_requests order by 1, 2"),
    ...runs,
    quarantined: await queries.query(
      "select source, reason, count(*)::integer as rows from quarantine group by 1, 2 order by 1, 2",
    ),
    drift: await queries.query(
      "select source, kind, count(*)::integer as fields from schema_drift group by 1, 2 order by 1, 2",
    ),
    tables: runs.checks
      .filter(({ layer, metric }) => layer === "silver" && metric === "rows")
      .map(({ subject, value }) => ({ table: subject, rows: value })),
    ages: (await newestFetches(queries)).map(({ source, day }) => ({
      source,
      seconds: (now.getTime() - Date.parse(day)) / 1_000,
    })),
    featureChecks: await latestFeatureChecks(queries),
  };
}

async function latestRuns(queries: Queries): Promise<Pick<DataPlatformState, "checks" | "verdicts">> {
  const rows = await queries.query<{
    step_layer: Layer;
    accepted: boolean;
    layer: Layer;
    subject: string;
    metric: string;
    value: number | null;
    verdict: Verdict;
  }>(
    `select s.layer as step_layer, exists (select from quality_acceptances a where a.run_id = r.run_id) as accepted,
            c.layer, c.subject, c.metric, c.value, c.verdict
     from (values ('collect', 'bronze'), ('catalog', 'silver'), ('features', 'gold')) as s(step, layer)
     cross join lateral (
       select run_id from step_runs r
       where r.step = s.step and exists (select from quality_checks c where c.run_id = r.run_id)
       order by started_at desc, run_id desc limit 1
     ) r
     join quality_checks c using (run_id)`,
  );
  const verdicts = new Map<Layer, number>();
  for (const { step_layer: layer, verdict, accepted } of rows) {
    const grade = Math.min(VERDICTS.indexOf(verdict), accepted ? VERDICTS.indexOf("warn") : VERDICTS.length);
    verdicts.set(layer, Math.max(verdicts.get(layer) ?? 0, grade));
  }
  return {
    checks: rows.flatMap(({ layer, subject, metric, value }) =>
      value === null ? [] : [{ layer, subject, metric, value }],
    ),
    verdicts: [...verdicts].map(([layer, verdict]) => ({ layer, verdict })),
  };
}
