import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { PROMETHEUS } from "./datasource.ts";

/** Rows of Grafana's grid. */
const HEIGHT = 8;

interface PanelQuery {
  /** PromQL; Grafana puts in its own `$__rate_interval`. */
  expr: string;
  /** A series' name, with `{{label}}` for what tells it apart. */
  legend: string;
}

/** What a panel shows, in our words; `buildPanel` says it in Grafana's. */
export interface PanelDefinition {
  title: string;
  /** What is seen, and from which value on somebody should look into it. */
  description: string;
  /** Grafana's name of the unit: `s`, `reqps`, `percentunit`, `short` … */
  unit: string;
  /** `bars`: what happened in each stretch of time, stacked. `number`: the latest value, large. */
  look: "lines" | "bars" | "number";
  queries: readonly PanelQuery[];
  /** Columns of Grafana's grid, 24 in all. */
  width: number;
  /** Colours by value, the lowest first; on lines, a line at each value. */
  steps?: Threshold[];
  /** Shown instead of a number, by number. */
  words?: Readonly<Record<number, string>>;
  /** Where nothing can be shown before something has happened: what. A panel without it always has something to show. */
  emptyBefore?: string;
}

export interface RowDefinition {
  title: string;
  panels: readonly PanelDefinition[];
}

/** Green, and red from `value` on. */
export function redFrom(value: number): Threshold[] {
  return [
    { value: null, color: "green" },
    { value, color: "red" },
  ];
}

/** Red, and green from `value` on. */
export function greenFrom(value: number): Threshold[] {
  return [
    { value: null, color: "red" },
    { value, color: "green" },
  ];
}

/**
 * `expr`, or one zero where it has no series: of what should never happen there is otherwise nothing to see, which is
 * also what a broken panel shows.
 */
export function orZero(expr: string, label: string): string {
  return `${expr} or on () label_replace(vector(0), "${label}", "none", "", "")`;
}

/**
 * How often something rare happened within the hour before, exactly. `increase` would guess fractions, and miss the
 * first event of a series, which begins at 1; after a restart, which begins anew, what has happened since counts.
 */
export function withinHour(counter: string, by: string): string {
  return `sum by (${by}) ((${counter} - ${counter} offset 1h >= 0) or ${counter})`;
}

/** Of what every worker reads from the same database: one of them is enough, and their sum would be wrong. */
export function ofOneWorker(expr: string, by: string): string {
  return `max by (${by}) (${expr})`;
}

/** Since the process that counts was started: runs are too rare for a rate. */
export function meanSeconds(histogram: string, by: string, matcher = ""): string {
  return `sum by (${by}) (${histogram}_sum${matcher}) / sum by (${by}) (${histogram}_count${matcher})`;
}

export function buildPanel(definition: PanelDefinition, id: number): StatBuilder | TimeseriesBuilder {
  const panel = definition.look === "number" ? buildNumber() : buildLines(definition);
  panel
    .id(id)
    .title(definition.title)
    .description(definition.description)
    .datasource(PROMETHEUS)
    .unit(definition.unit)
    .height(HEIGHT)
    .span(definition.width);
  if (definition.steps) {
    panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(definition.steps));
  }
  if (definition.words) panel.mappings([wordsFor(definition.words)]);
  for (const [i, { expr, legend }] of definition.queries.entries()) {
    const target = new DataqueryBuilder()
      .datasource(PROMETHEUS)
      .refId(String.fromCharCode(65 + i))
      .expr(expr);
    panel.withTarget(target.legendFormat(legend).range());
  }
  return panel;
}

function wordsFor(words: Readonly<Record<number, string>>): ValueMapping {
  const options = Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }]));
  return { type: MappingType.ValueToText, options };
}

function buildNumber(): StatBuilder {
  return new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(["lastNotNull"]));
}

function buildLines({ look, steps }: PanelDefinition): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .min(0);
  if (steps) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  if (look === "bars") {
    panel
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(80)
      .lineWidth(0)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("all"));
  }
  return panel;
}
