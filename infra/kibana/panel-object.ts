import {
  type LinesPanel,
  type LogPanel,
  SPLIT_SIZE,
  type TableMetric,
  type TablePanel,
  TIME_FIELD,
  type TimePanel,
} from "./log-panel.ts";
import { type SavedObject, savedObject } from "./saved-object.ts";

export const DATA_VIEW_ID = "marquee-logs";

const INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index";

interface Aggregation {
  id: string;
  enabled: true;
  type: string;
  schema: "metric" | "segment" | "group" | "bucket";
  params: Record<string, unknown>;
}

/** A panel as Kibana keeps it: a visualization with aggregations, or a saved search. */
export function panelObject(panel: LogPanel): SavedObject {
  const references: SavedObject["references"] = [
    { name: INDEX_REFERENCE, type: "index-pattern", id: DATA_VIEW_ID },
    ...panel.filters.map((_, i) => ({ name: filterReference(i), type: "index-pattern" as const, id: DATA_VIEW_ID })),
  ];
  const id = `marquee-${panel.id}`;
  return panel.look === "lines"
    ? savedObject("search", id, searchAttributes(panel), references)
    : savedObject("visualization", id, visualizationAttributes(panel), references);
}

function filterReference(i: number): string {
  return `kibanaSavedObjectMeta.searchSourceJSON.filter[${i}].meta.index`;
}

function searchSource({ filters }: LogPanel): string {
  return JSON.stringify({
    query: { query: "", language: "kuery" },
    filter: filters.map(({ says, clause }, i) => ({
      $state: { store: "appState" },
      meta: {
        alias: says,
        disabled: false,
        negate: false,
        type: "custom",
        key: "query",
        value: JSON.stringify(clause),
        indexRefName: filterReference(i),
      },
      query: clause,
    })),
    indexRefName: INDEX_REFERENCE,
  });
}

function searchAttributes(panel: LinesPanel): Record<string, unknown> {
  return {
    title: panel.title,
    description: panel.description,
    columns: panel.columns,
    sort: [[TIME_FIELD, panel.order]],
    grid: {},
    hideChart: true,
    kibanaSavedObjectMeta: { searchSourceJSON: searchSource(panel) },
  };
}

function visualizationAttributes(panel: TimePanel | TablePanel): Record<string, unknown> {
  const state = panel.look === "time" ? timeState(panel) : tableState(panel);
  return {
    title: panel.title,
    description: panel.description,
    version: 1,
    uiStateJSON: "{}",
    visState: JSON.stringify({ title: panel.title, ...state }),
    kibanaSavedObjectMeta: { searchSourceJSON: searchSource(panel) },
  };
}

const COUNT: TableMetric = { of: "count", label: "Lines" };

function metric({ of, field, label }: TableMetric, i: number): Aggregation {
  const params = { ...(field === undefined ? {} : { field }), customLabel: label };
  return { id: String(i + 1), enabled: true, type: of, schema: "metric", params };
}

function terms(id: number, schema: "group" | "bucket", field: string, size: number): Aggregation {
  const params = { field, size, orderBy: "1", order: "desc", otherBucket: false, missingBucket: false };
  return { id: String(id), enabled: true, type: "terms", schema, params };
}

function timeState({ splitBy }: TimePanel): { type: string; aggs: Aggregation[]; params: object } {
  const time: Aggregation = {
    id: "2",
    enabled: true,
    type: "date_histogram",
    schema: "segment",
    params: {
      field: TIME_FIELD,
      interval: "auto",
      useNormalizedEsInterval: true,
      scaleMetricValues: false,
      drop_partials: false,
      min_doc_count: 1,
      extended_bounds: {},
    },
  };
  return {
    type: "histogram",
    aggs: [metric(COUNT, 0), time, terms(3, "group", splitBy, SPLIT_SIZE)],
    params: STACKED_BARS,
  };
}

function tableState({ rows, metrics }: TablePanel): { type: string; aggs: Aggregation[]; params: object } {
  const buckets = rows.map(({ field, label, size }, i) => {
    const bucket = terms(metrics.length + i + 1, "bucket", field, size);
    return { ...bucket, params: { ...bucket.params, customLabel: label } };
  });
  return {
    type: "table",
    aggs: [...metrics.map(metric), ...buckets],
    params: { perPage: 10, showPartialRows: false, showMetricsAtAllLevels: false, showTotal: false, totalFunc: "sum" },
  };
}

/** Kibana's own settings of a stacked bar chart: it has no defaults for what is left out here. */
const STACKED_BARS = {
  type: "histogram",
  grid: { categoryLines: false },
  categoryAxes: [
    {
      id: "CategoryAxis-1",
      type: "category",
      position: "bottom",
      show: true,
      scale: { type: "linear" },
      labels: { show: true, filter: true, truncate: 100 },
      title: {},
      style: {},
    },
  ],
  valueAxes: [
    {
      id: "ValueAxis-1",
      name: "LeftAxis-1",
      type: "value",
      position: "left",
      show: true,
      scale: { type: "linear", mode: "normal" },
      labels: { show: true, rotate: 0, filter: false, truncate: 100 },
      title: { text: COUNT.label },
      style: {},
    },
  ],
  seriesParams: [
    {
      show: true,
      type: "histogram",
      mode: "stacked",
      data: { label: COUNT.label, id: "1" },
      valueAxis: "ValueAxis-1",
      drawLinesBetweenPoints: true,
      showCircles: true,
    },
  ],
  addTooltip: true,
  addLegend: true,
  legendPosition: "right",
  times: [],
  addTimeMarker: false,
  labels: { show: false },
  thresholdLine: { show: false, value: 10, width: 1, style: "full", color: "#E7664C" },
};
