import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { BUS_ROW } from "./bus-row.ts";
import { FEATURES_ROW } from "./features-row.ts";
import { HEALTH_ROW } from "./health-row.ts";
import { buildPanel, type RowDefinition } from "./panel.ts";
import { PIPELINES_ROW } from "./pipelines-row.ts";
import { QUALITY_ROW } from "./quality-row.ts";
import { SERVING_ROW } from "./serving-row.ts";

/** From top to bottom: how it is now, then what callers see, then why. */
export const ROWS: readonly RowDefinition[] = [
  HEALTH_ROW,
  SERVING_ROW,
  QUALITY_ROW,
  FEATURES_ROW,
  PIPELINES_ROW,
  BUS_ROW,
];

/** Marquee's dashboard, as Grafana reads it. */
export function buildDashboard(): Dashboard {
  const dashboard = new DashboardBuilder("Marquee")
    .uid("marquee")
    .description("Serving, quality of the model, features, pipelines and the event bus")
    .tags(["marquee"])
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly();
  let id = 0;
  for (const { title, panels } of ROWS) {
    id += 1;
    dashboard.withRow(new RowBuilder(title).id(id));
    for (const panel of panels) {
      id += 1;
      dashboard.withPanel(buildPanel(panel, id));
    }
  }
  return dashboard.build();
}
