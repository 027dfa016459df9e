import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { buildPanel, type RowDefinition } from "./panel.ts";

/** What a dashboard shows, in our words; `buildDashboard` says it in Grafana's. */
export interface DashboardDefinition {
  /** Part of its address and the name of its file; never changed. */
  uid: string;
  title: string;
  description: string;
  /** The time that is shown at first, in Grafana's words: `now-6h`. */
  from: string;
  rows: readonly RowDefinition[];
}

/** A dashboard as Grafana reads it. */
export function buildDashboard({ uid, title, description, from, rows }: DashboardDefinition): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(["marquee"])
    .timezone("browser")
    .time({ from, to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly();
  let id = 0;
  for (const row of rows) {
    id += 1;
    dashboard.withRow(new RowBuilder(row.title).id(id));
    for (const panel of row.panels) {
      id += 1;
      dashboard.withPanel(buildPanel(panel, id));
    }
  }
  return dashboard.build();
}
