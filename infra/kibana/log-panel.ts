/**
 * What a panel asks of Elasticsearch, as data. Kibana's saved object and the request that a test sends are both made
 * from it, so that they cannot drift apart.
 */
interface LogQuestion {
  /** Part of the saved object's id; never changed, so that an import replaces what was there. */
  id: string;
  title: string;
  description: string;
  /** Clauses of Elasticsearch's query language that all must hold, each with its words for Kibana's filter bar. */
  filters: readonly { says: string; clause: Record<string, unknown> }[];
  /** True where an empty panel is good news. */
  emptyWhenWell: boolean;
  /** Columns and rows of Kibana's grid, 48 columns in all. */
  width: number;
  height: number;
}

/** Lines over time, one colour for each value of a field. */
export interface TimePanel extends LogQuestion {
  look: "time";
  splitBy: string;
}

export interface TableMetric {
  of: "count" | "avg" | "max";
  /** Left out for a count. */
  field?: string;
  label: string;
}

/** A row for each combination of the fields' values; the largest of the first metric come first. */
export interface TablePanel extends LogQuestion {
  look: "table";
  rows: readonly { field: string; label: string; size: number }[];
  metrics: readonly [TableMetric, ...TableMetric[]];
}

/** The lines themselves. */
export interface LinesPanel extends LogQuestion {
  look: "lines";
  columns: readonly string[];
  order: "asc" | "desc";
}

export type LogPanel = TimePanel | TablePanel | LinesPanel;

/** The index pattern of the log store's data streams. */
export const LOG_INDICES = "logs-marquee-*";
export const TIME_FIELD = "@timestamp";
/** Values that a time panel tells apart; services and levels are fewer. */
export const SPLIT_SIZE = 12;

const TROUBLE = { says: "level is error or fatal", clause: { terms: { level: ["error", "fatal"] } } };
const ANSWERS = { says: "answered requests", clause: { exists: { field: "milliseconds" } } };
const TRACED = { says: "belongs to a request or run", clause: { exists: { field: "traceId" } } };

/** From top to bottom. */
export const LOG_PANELS: readonly LogPanel[] = [
  {
    id: "errors-by-service",
    title: "Errors by service",
    description: "Lines of level error or fatal over time, by service.",
    filters: [TROUBLE],
    emptyWhenWell: true,
    look: "time",
    splitBy: "service",
    width: 24,
    height: 12,
  },
  {
    id: "lines-by-level",
    title: "Lines by level",
    description: "All log lines over time, by level.",
    filters: [],
    emptyWhenWell: false,
    look: "time",
    splitBy: "level",
    width: 24,
    height: 12,
  },
  {
    id: "lines-by-service",
    title: "Lines by service and level",
    description: "How much each service writes. One that is missing has stopped writing, or its lines do not arrive.",
    filters: [],
    emptyWhenWell: false,
    look: "table",
    rows: [
      { field: "service", label: "Service", size: 20 },
      { field: "level", label: "Level", size: 6 },
    ],
    metrics: [{ of: "count", label: "Lines" }],
    width: 16,
    height: 14,
  },
  {
    id: "requests",
    title: "Slow and failed requests",
    description: "Answered requests by service, route and status; the slowest first.",
    filters: [ANSWERS],
    emptyWhenWell: false,
    look: "table",
    rows: [
      { field: "service", label: "Service", size: 10 },
      { field: "route", label: "Route", size: 20 },
      { field: "status", label: "Status", size: 10 },
    ],
    metrics: [
      { of: "max", field: "milliseconds", label: "Slowest, ms" },
      { of: "avg", field: "milliseconds", label: "Mean, ms" },
      { of: "count", label: "Requests" },
    ],
    width: 20,
    height: 14,
  },
  {
    id: "error-codes",
    title: "Error codes",
    description: "Errors by service and code; docs/errors.md says what to do about each code.",
    filters: [TROUBLE],
    emptyWhenWell: true,
    look: "table",
    rows: [
      { field: "service", label: "Service", size: 10 },
      { field: "code", label: "Code", size: 20 },
    ],
    metrics: [{ of: "count", label: "Lines" }],
    width: 12,
    height: 14,
  },
  {
    id: "trace",
    title: "A request or run by its trace id",
    description:
      "Lines in the order they were written. Choose a trace id above; it stands in the header x-trace-id, in problem documents, and is a pipeline run's id.",
    filters: [TRACED],
    emptyWhenWell: false,
    look: "lines",
    columns: ["service", "level", "msg", "route", "status", "milliseconds", "code", "traceId"],
    order: "asc",
    width: 48,
    height: 20,
  },
];

/** Fields that can be chosen from above the dashboard. */
export const CONTROLS = [
  { id: "trace-id", field: "traceId", label: "Trace id" },
  { id: "service", field: "service", label: "Service" },
  { id: "level", field: "level", label: "Level" },
] as const;
