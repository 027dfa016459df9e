import { describe, expect, it } from "vitest";
import { buildDashboard, ROWS } from "./dashboard.ts";
import { orZero, withinHour } from "./panel.ts";

/** As Grafana reads it from the file. */
interface GrafanaPanel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
}

const { panels } = JSON.parse(JSON.stringify(buildDashboard())) as { panels: GrafanaPanel[] };
const charts = panels.filter(({ type }) => type !== "row");

describe("the dashboard", () => {
  it("has the rows from how it is now to why", () => {
    expect(panels.filter(({ type }) => type === "row").map(({ title }) => title)).toEqual([
      "Now",
      "Serving",
      "Quality",
      "Features",
      "Pipelines",
      "Event bus",
    ]);
    expect(charts).toHaveLength(ROWS.reduce((sum, row) => sum + row.panels.length, 0));
  });

  it.each(charts.map((panel) => [panel.title, panel] as const))(
    "%s says what it shows, in which unit, and names its series",
    (_title, { description, fieldConfig, targets = [] }) => {
      expect(description?.length).toBeGreaterThan(20);
      expect(fieldConfig?.defaults.unit).toBeTruthy();
      expect(targets.length).toBeGreaterThan(0);
      for (const { legendFormat, datasource } of targets) {
        expect(legendFormat).toBeTruthy();
        expect(datasource.uid).toBe("prometheus");
      }
    },
  );

  it("has panels with ids and titles of their own, none over another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(charts.map(({ title }) => title)).size).toBe(charts.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it("gives every series a name by labels that its query keeps", () => {
    const unnamed = charts.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr, legendFormat }) =>
        [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]
          .map(([, label = ""]) => label)
          .filter((label) => !new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr))
          .map((label) => `${title}: ${label}`),
      ),
    );
    expect(unnamed).toEqual([]);
  });
});

describe("a query", () => {
  it("of what should never happen has a zero to show", () => {
    expect(orZero("sum by (code) (x)", "code")).toBe(
      'sum by (code) (x) or on () label_replace(vector(0), "code", "none", "", "")',
    );
  });

  it("of something rare counts what is new within the hour, and all of a series that is new itself", () => {
    expect(withinHour("x_total", "code")).toBe("sum by (code) ((x_total - x_total offset 1h >= 0) or x_total)");
  });
});
