import type { Queries } from "@marquee/shared/backing/postgres/database";
import { z } from "zod";

export type FeatureCheckKind = "leak" | "skew";

/** What a check of the feature store has found, as it is kept. */
export interface FeatureCheck {
  checkId: string;
  kind: FeatureCheckKind;
  checkedAt: Date;
  /** Of the dataset that was compared; null for leaks. */
  datasetHash: string | null;
  /** That were looked at. */
  films: number;
  /** Of each film. */
  columns: number;
  /** One for each view and column that was wrong, with more of its own. */
  findings: readonly { view: string; column: string; films: number }[];
}

export async function saveFeatureCheck(queries: Queries, check: FeatureCheck): Promise<void> {
  const { checkId, kind, checkedAt, datasetHash, films, columns, findings } = check;
  await queries.execute(
    `insert into feature_checks (check_id, kind, checked_at, dataset_hash, films, columns, findings)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [checkId, kind, checkedAt, datasetHash, films, columns, JSON.stringify(findings)],
  );
}

/** The latest check of a kind, as far as it is told on. */
export interface LatestCheck {
  kind: FeatureCheckKind;
  checkedAt: Date;
  /** That were looked at. */
  films: number;
  /** How many of them were wrong, by view; empty where all is well. */
  wrong: { view: string; films: number }[];
}

const findingsSchema = z.array(z.object({ view: z.string(), films: z.int() }));

/** Of each kind that was ever checked. */
export async function latestFeatureChecks(queries: Queries): Promise<LatestCheck[]> {
  const rows = await queries.query<{ kind: FeatureCheckKind; checked_at: Date; films: number; findings: unknown }>(
    `select distinct on (kind) kind, checked_at, films, findings from feature_checks order by kind, checked_at desc, check_id desc`,
  );
  return rows.map(({ kind, checked_at, films, findings }) => {
    // A view's columns are wrong in much the same films: the largest count is the view's.
    const wrong = new Map<string, number>();
    for (const finding of findingsSchema.parse(findings)) {
      wrong.set(finding.view, Math.max(wrong.get(finding.view) ?? 0, finding.films));
    }
    return { kind, checkedAt: checked_at, films, wrong: [...wrong].map(([view, count]) => ({ view, films: count })) };
  });
}
