import { describe, expect, it } from "vitest";
import { buildDashboard } from "./dashboard.ts";
import { DASHBOARDS } from "./dashboards.ts";
import { ofOneWorker, orZero, withinHour } from "./panel.ts";

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

describe.each(DASHBOARDS)("the dashboard $title", (definition) => {
  const { panels } = JSON.parse(JSON.stringify(buildDashboard(definition))) as { panels: GrafanaPanel[] };
  const charts = panels.filter(({ type }) => type !== "row");

  it("has every row and panel, in their order", () => {
    expect(panels.map(({ title }) => title)).toEqual(
      definition.rows.flatMap((row) => [row.title, ...row.panels.map(({ title }) => title)]),
    );
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

it("the dashboards begin with how it is now", () => {
  expect(DASHBOARDS.map(({ uid, rows }) => [uid, ...rows.map(({ title }) => title)])).toEqual([
    ["marquee", "Now", "Serving", "Quality", "Features", "Pipelines", "Event bus"],
    ["marquee-data", "Quality gate", "Sources and archive", "Catalog", "Feature checks", "Backups and retention"],
  ]);
});

it("a verdict is shown as a word", () => {
  const data = JSON.stringify(DASHBOARDS.map(buildDashboard));
  expect(data).toContain(
    '"mappings":[{"type":"value","options":{"0":{"text":"pass"},"1":{"text":"warn"},"2":{"text":"stop"}}}]',
  );
});

describe("a query", () => {
  it("of what should never happen has a zero to show", () => {
    expect(orZero("sum by (code) (x)", "code")).toBe(
      'sum by (code) (x) or on () label_replace(vector(0), "code", "none", "", "")',
    );
  });

  it("of what every worker tells takes the largest, since a sum would count it once for each worker", () => {
    expect(ofOneWorker("x", "layer")).toBe("max by (layer) (x)");
  });

  it("of something rare counts what is new within the hour, and all of a series that is new itself", () => {
    expect(withinHour("x_total", "code")).toBe("sum by (code) ((x_total - x_total offset 1h >= 0) or x_total)");
  });
});
