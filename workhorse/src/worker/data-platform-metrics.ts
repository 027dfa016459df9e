import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import type { Metrics } from "@marquee/shared/service/metrics";
import { type DataPlatformState, readDataPlatformState } from "../data-quality/data-platform-state.ts";

/** The state is read once for all gauges of a scrape, and for the scrapes of several watchers. */
const KEPT_MS = 10_000;
/** A scrape waits no longer for the database: its other figures are wanted even when that is locked or away. */
const PATIENCE_MS = 3_000;

export interface DataPlatformMetricsOptions {
  database: Database;
  clock: Clock;
  log: Logger;
}

interface Gauges {
  name: string;
  help: string;
  labels: readonly string[];
  series(state: DataPlatformState): { labels: Record<string, string>; value: number }[];
}

const GAUGES: readonly Gauges[] = [
  {
    name: "quality_check",
    help: "Figures of the latest load of each layer",
    labels: ["layer", "subject", "metric"],
    series: ({ checks }) => checks.map(({ value, ...labels }) => ({ labels, value })),
  },
  {
    name: "quality_verdict",
    help: "Of the latest load of each layer: 0 passed, 1 warned or accepted by a person, 2 stopped",
    labels: ["layer"],
    series: ({ verdicts }) => verdicts.map(({ layer, verdict }) => ({ labels: { layer }, value: verdict })),
  },
  {
    name: "quarantine_rows",
    help: "What could not be taken into the catalog and waits for a person",
    labels: ["source", "reason"],
    series: ({ quarantined }) => quarantined.map(({ rows, ...labels }) => ({ labels, value: rows })),
  },
  {
    name: "schema_drift",
    help: "Fields of a source that came (new), went (missing) or were null for the first time (null)",
    labels: ["source", "kind"],
    series: ({ drift }) => drift.map(({ fields, ...labels }) => ({ labels, value: fields })),
  },
  {
    name: "catalog_rows",
    help: "Rows of the catalog's tables after the latest load",
    labels: ["table"],
    series: ({ tables }) => tables.map(({ table, rows }) => ({ labels: { table }, value: rows })),
  },
  {
    name: "archive_age_seconds",
    help: "Time since the day (UTC) began on which the newest fetch that is in the catalog came",
    labels: ["source"],
    series: ({ ages }) => ages.map(({ source, seconds }) => ({ labels: { source }, value: seconds })),
  },
  {
    name: "feature_check_wrong_films",
    help: "Films that the latest check found wrong, by view; leak: a feature knew what happened later, skew: what serving reads is not what was built",
    labels: ["kind", "view"],
    series: ({ featureChecks }) =>
      featureChecks.flatMap(({ kind, wrong }) =>
        wrong.map(({ view, films }) => ({ labels: { kind, view }, value: films })),
      ),
  },
  {
    name: "feature_check_films",
    help: "Films that the latest check looked at",
    labels: ["kind"],
    series: ({ featureChecks }) => featureChecks.map(({ kind, films }) => ({ labels: { kind }, value: films })),
  },
  {
    name: "feature_check_timestamp_seconds",
    help: "When the latest check ended, in seconds since 1970",
    labels: ["kind"],
    series: ({ featureChecks }) =>
      featureChecks.map(({ kind, checkedAt }) => ({ labels: { kind }, value: checkedAt.getTime() / 1_000 })),
  },
];

/**
 * What the database knows of the data, on the worker's page: the tasks that change it run in processes which are gone
 * when Prometheus asks. Of several workers each shows the same. While the database does not answer there are no series.
 */
export function createDataPlatformMetrics(metrics: Metrics, options: DataPlatformMetricsOptions): void {
  const state = createStateReader(options);
  metrics.counter({
    name: "source_requests_total",
    help: "Requests to the sources by how they ended, over all collections",
    labels: ["source", "outcome"],
    collect: async function () {
      const known = await state();
      this.reset();
      for (const { requests, ...labels } of known?.requests ?? []) this.inc(labels, requests);
    },
  });
  for (const { name, help, labels, series } of GAUGES) {
    metrics.gauge({
      name,
      help,
      labels,
      collect: async function () {
        const known = await state();
        this.reset();
        for (const one of known ? series(known) : []) this.set(one.labels, one.value);
      },
    });
  }
}

type State = DataPlatformState | undefined;

function createStateReader({ database, clock, log }: DataPlatformMetricsOptions): () => Promise<State> {
  let kept: ReturnType<typeof begin> | undefined;
  async function read(): Promise<State> {
    try {
      return await readDataPlatformState(database, clock.now());
    } catch (error) {
      log.warn({ err: error }, "the data's figures could not be read for /metrics");
      return undefined;
    }
  }
  return () => {
    // One that hangs, behind a lock or a lost server, is waited for rather than asked again and again.
    if (!kept || (kept.answered && performance.now() - kept.since > KEPT_MS)) kept = begin(read());
    return withinPatience(kept.state);
  };
}

function begin(state: Promise<State>): { since: number; answered: boolean; state: Promise<State> } {
  const kept = { since: performance.now(), answered: false, state };
  void state.then(() => {
    kept.answered = true;
  });
  return kept;
}

async function withinPatience(work: Promise<State>): Promise<State> {
  const { promise: patience, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  return Promise.race([work, patience]).finally(() => clearTimeout(timer));
}
