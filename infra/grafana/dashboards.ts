import { BUS_ROW } from "./bus-row.ts";
import { CATALOG_ROW } from "./catalog-row.ts";
import type { DashboardDefinition } from "./dashboard.ts";
import { FEATURE_CHECKS_ROW } from "./feature-checks-row.ts";
import { FEATURES_ROW } from "./features-row.ts";
import { GATE_ROW } from "./gate-row.ts";
import { HEALTH_ROW } from "./health-row.ts";
import { PIPELINES_ROW } from "./pipelines-row.ts";
import { QUALITY_ROW } from "./quality-row.ts";
import { SERVING_ROW } from "./serving-row.ts";
import { SOURCES_ROW } from "./sources-row.ts";
import { UPKEEP_ROW } from "./upkeep-row.ts";

/** Rows go from top to bottom: how it is now, then what callers see, then why. */
export const DASHBOARDS: readonly DashboardDefinition[] = [
  {
    uid: "marquee",
    title: "Marquee",
    description: "Serving, quality of the model, features, pipelines and the event bus",
    from: "now-6h",
    rows: [HEALTH_ROW, SERVING_ROW, QUALITY_ROW, FEATURES_ROW, PIPELINES_ROW, BUS_ROW],
  },
  {
    uid: "marquee-data",
    title: "Marquee: data",
    description: "What the sources answer, what came of it, what it is worth, and whether it is backed up",
    // Data comes once a day.
    from: "now-7d",
    rows: [GATE_ROW, SOURCES_ROW, CATALOG_ROW, FEATURE_CHECKS_ROW, UPKEEP_ROW],
  },
];
