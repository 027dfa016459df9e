import { errorMessage } from "@marquee/shared/service/errors";
import axios, { type AxiosInstance, isAxiosError } from "axios";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import type { PanelDefinition } from "../grafana/panel.ts";
import { LOG_INDICES, LOG_PANELS, type LogPanel } from "../kibana/log-panel.ts";
import { fieldsOf, panelQuery } from "../kibana/panel-query.ts";

/** What a person would see who opens the dashboard for the first time. */
const DEFAULT_MINUTES = 15;
/** Points of a line; Grafana asks for about as many. */
const STEPS = 60;
const REQUEST_TIMEOUT_MS = 10_000;

export interface CheckPanelsOptions {
  prometheusUrl: string;
  elasticsearchUrl: string;
  /** The time that the dashboards show, up to now; 15 minutes unless given. */
  minutes?: number;
  now?: Date;
}

/** What one query of a panel found. A panel with several queries has as many results. */
export interface PanelResult {
  dashboard: "Grafana" | "Kibana";
  panel: string;
  /** PromQL, or the body of Elasticsearch's `_search`. */
  query: string;
  /** Grafana: series with at least one number. Kibana: log lines. */
  found: number;
  /** Something was found, or there is nothing to find while all is well, or not yet. */
  ok: boolean;
  /** Why not. */
  problem?: string;
}

/** Runs the queries of every panel of Grafana's and Kibana's dashboards on the real servers, as the dashboards would. */
export async function checkPanels(options: CheckPanelsOptions): Promise<PanelResult[]> {
  const { minutes = DEFAULT_MINUTES, now = new Date() } = options;
  const span = { from: new Date(now.getTime() - minutes * 60_000), to: now };
  // Both are inside our own network.
  const ask = (baseURL: string) => axios.create({ baseURL, timeout: REQUEST_TIMEOUT_MS, proxy: false });
  const prometheus = ask(options.prometheusUrl);
  const elasticsearch = ask(options.elasticsearchUrl);
  const results: PanelResult[] = [];
  for (const panel of DASHBOARDS.flatMap(({ rows }) => rows).flatMap(({ panels }) => panels)) {
    for (const { expr } of panel.queries) results.push(await runPromql(prometheus, panel, expr, span));
  }
  for (const panel of LOG_PANELS) results.push(await runLogSearch(elasticsearch, panel, span));
  return results;
}

interface Span {
  from: Date;
  to: Date;
}

async function runPromql(
  http: AxiosInstance,
  { title, emptyBefore }: PanelDefinition,
  expr: string,
  span: Span,
): Promise<PanelResult> {
  const seconds = (span.to.getTime() - span.from.getTime()) / 1000;
  const step = Math.max(1, Math.ceil(seconds / STEPS));
  // Grafana's: four scrapes at least.
  const query = expr.replaceAll("$__rate_interval", `${Math.max(60, step + 15)}s`);
  return asResult({ dashboard: "Grafana", panel: title, query }, async () => {
    const form = new URLSearchParams({
      query,
      start: String(span.from.getTime() / 1000),
      end: String(span.to.getTime() / 1000),
      step: String(step),
    });
    const { data } = await http.post<{ data: { result: { values: [number, string][] }[] } }>(
      "/api/v1/query_range",
      form,
    );
    // A quantile of nothing is a series of NaN, which a panel shows as nothing.
    const series = data.data.result.filter(({ values }) => values.some(([, value]) => value !== "NaN"));
    return series.length > 0 || emptyBefore !== undefined
      ? { found: series.length }
      : { found: 0, problem: "no series has a value" };
  });
}

async function runLogSearch(http: AxiosInstance, panel: LogPanel, span: Span): Promise<PanelResult> {
  const query = panelQuery(panel, span);
  return asResult({ dashboard: "Kibana", panel: panel.title, query: JSON.stringify(query) }, async () => {
    const problem = await unknownFields(http, panel);
    if (problem) return { found: 0, problem };
    const { data } = await http.post<SearchAnswer>(`/${LOG_INDICES}/_search?track_total_hits=true`, query);
    const found = data.hits.total.value;
    if (found === 0 && panel.emptyWhenWell) return { found };
    return (panel.look === "lines" ? found : countBuckets(data)) > 0
      ? { found }
      : { found, problem: found === 0 ? "no log line is found" : "no line has the fields that are grouped by" };
  });
}

interface SearchAnswer {
  hits: { total: { value: number } };
  aggregations?: Record<string, { buckets?: unknown[] }>;
}

function countBuckets({ aggregations = {} }: SearchAnswer): number {
  return Object.values(aggregations).reduce((sum, { buckets = [] }) => sum + buckets.length, 0);
}

/** Kibana offers only fields that the index knows, and groups only by those that Elasticsearch can aggregate. */
async function unknownFields(http: AxiosInstance, panel: LogPanel): Promise<string | undefined> {
  const { aggregated, shown } = fieldsOf(panel);
  const fields = [...new Set([...aggregated, ...shown])];
  const { data } = await http.get<{ fields: Record<string, Record<string, { aggregatable: boolean }>> }>(
    `/${LOG_INDICES}/_field_caps`,
    { params: { fields: fields.join(",") } },
  );
  const kinds = (field: string) => Object.values(data.fields[field] ?? {});
  const unknown = fields.filter((field) => kinds(field).length === 0);
  const notAggregatable = aggregated.filter((field) => kinds(field).some(({ aggregatable }) => !aggregatable));
  if (unknown.length > 0) return `the index has no field ${unknown.join(", ")}`;
  return notAggregatable.length > 0 ? `cannot be aggregated: ${notAggregatable.join(", ")}` : undefined;
}

/** A query that fails is a result too: all panels are checked. */
async function asResult(
  panel: Pick<PanelResult, "dashboard" | "panel" | "query">,
  ask: () => Promise<{ found: number; problem?: string }>,
): Promise<PanelResult> {
  try {
    const answer = await ask();
    return { ...panel, ...answer, ok: answer.problem === undefined };
  } catch (error) {
    const said: unknown = isAxiosError(error) ? error.response?.data : undefined;
    return { ...panel, found: 0, ok: false, problem: said ? JSON.stringify(said) : errorMessage(error) };
  }
}
