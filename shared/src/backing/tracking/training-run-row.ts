import type { Instant } from "../../contracts/time.ts";
import type { TrackedRun, TrackedRunStatus } from "./model-tracking.ts";

/** A row of `training_runs`. */
export interface TrainingRunRow {
  run_id: string;
  model_name: string;
  status: TrackedRunStatus;
  parameters: Record<string, unknown>;
  metrics: Record<string, unknown> | null;
  input_hash: string;
  dataset_hash: string;
  views_hash: string;
  backend: string;
  started_at: Date;
  ended_at: Date | null;
}

/** A run as tracking shows it: a report's figures by their path, its settings (defaults filled in) as parameters. */
export function trackedRun(row: TrainingRunRow): TrackedRun {
  return {
    runId: row.run_id,
    name: row.model_name,
    status: row.status,
    parameters: textsOf({ ...row.parameters, ...settingsOf(row.metrics) }),
    metrics: figuresOf(row.metrics ?? {}),
    tags: {
      inputHash: row.input_hash,
      datasetHash: row.dataset_hash,
      viewsHash: row.views_hash,
      backend: row.backend,
    },
    startedAt: row.started_at.toISOString() as Instant,
    endedAt: row.ended_at === null ? undefined : (row.ended_at.toISOString() as Instant),
  };
}

/** Training's report says which settings it used, those that nobody gave included. */
function settingsOf(metrics: TrainingRunRow["metrics"]): Record<string, unknown> {
  const report = metrics?.report;
  return isRecord(report) && isRecord(report.settings) ? report.settings : {};
}

function textsOf(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/**
 * Every number of a JSON object by its path: `{ report: { metrics: { rmse: 0.7 }, epochs: { chosen: 9 } } }` has
 * `rmse` and `epochs.chosen`. Settings are parameters and lists (slices, a curve) are no figures to compare runs by.
 */
export function figuresOf(metrics: Record<string, unknown>): Record<string, number> {
  const figures: Record<string, number> = {};
  collect(metrics, "", figures);
  return figures;
}

function collect(values: Record<string, unknown>, path: string, figures: Record<string, number>): void {
  for (const [name, value] of Object.entries(values)) {
    const here = `${path}${name}`;
    if (typeof value === "number" && Number.isFinite(value)) figures[here] = value;
    else if (isRecord(value) && here !== "settings") collect(value, innerPath(here), figures);
  }
}

/** The frames around a report's figures say nothing in a column's title. */
function innerPath(path: string): string {
  return path === "report" || path === "metrics" ? "" : `${path}.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
