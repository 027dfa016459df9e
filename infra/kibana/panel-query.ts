import {
  type LogPanel,
  SPLIT_SIZE,
  type TableMetric,
  type TablePanel,
  TIME_FIELD,
  type TimePanel,
} from "./log-panel.ts";

/** Kibana shows this many lines of a saved search at first. */
const LINES = 500;
/** Buckets of a time panel; Kibana chooses their length from the time that is shown. */
const BUCKETS = 60;

export interface TimeSpan {
  from: Date;
  to: Date;
}

/** The search that a panel needs, as Elasticsearch's `_search` takes it. */
export function panelQuery(panel: LogPanel, { from, to }: TimeSpan): object {
  const time = { range: { [TIME_FIELD]: { gte: from.toISOString(), lte: to.toISOString() } } };
  const query = { bool: { filter: [time, ...panel.filters.map(({ clause }) => clause)] } };
  if (panel.look === "lines") {
    return { size: LINES, query, sort: [{ [TIME_FIELD]: panel.order }], _source: panel.columns };
  }
  const interval = Math.max(1000, Math.ceil((to.getTime() - from.getTime()) / BUCKETS));
  return { size: 0, query, aggs: panel.look === "time" ? timeBuckets(panel, `${interval}ms`) : tableRows(panel) };
}

/** Every field that the panel must find in the index, those that it groups or computes by apart. */
export function fieldsOf(panel: LogPanel): { aggregated: string[]; shown: string[] } {
  switch (panel.look) {
    case "time":
      return { aggregated: [TIME_FIELD, panel.splitBy], shown: [] };
    case "table":
      return {
        aggregated: [
          ...panel.rows.map(({ field }) => field),
          ...panel.metrics.flatMap(({ field }) => (field ? [field] : [])),
        ],
        shown: [],
      };
    case "lines":
      return { aggregated: [TIME_FIELD], shown: [...panel.columns] };
  }
}

function timeBuckets({ splitBy }: TimePanel, interval: string): object {
  return {
    time: {
      date_histogram: { field: TIME_FIELD, fixed_interval: interval, min_doc_count: 1 },
      aggs: { split: { terms: { field: splitBy, size: SPLIT_SIZE } } },
    },
  };
}

/** Terms inside terms, the outermost first; the metrics are in each, since the order goes by the first of them. */
function tableRows({ rows, metrics }: TablePanel): object {
  const values = Object.fromEntries(
    metrics.flatMap((metric, i) => (metric.of === "count" ? [] : [[metricName(i), metricAggregation(metric)]])),
  );
  const order = { [metrics[0].of === "count" ? "_count" : metricName(0)]: "desc" };
  return rows.toReversed().reduce<object>((inner, { field, size }, i) => {
    const aggs = { ...values, ...(i === 0 ? {} : inner) };
    return { rows: { terms: { field, size, order }, ...(Object.keys(aggs).length > 0 ? { aggs } : {}) } };
  }, {});
}

function metricName(i: number): string {
  return `metric-${i + 1}`;
}

function metricAggregation({ of, field }: TableMetric): object {
  return { [of]: { field } };
}
