import { describe, expect, it } from "vitest";
import { savedObjects } from "./dashboard.ts";
import { CONTROLS, LOG_PANELS } from "./log-panel.ts";
import { panelQuery } from "./panel-query.ts";
import type { SavedObject } from "./saved-object.ts";

const objects = savedObjects();
const HOUR = { from: new Date("2026-01-01T00:00:00Z"), to: new Date("2026-01-01T01:00:00Z") };

function parsed<T>(text: unknown): T {
  return JSON.parse(String(text)) as T;
}
function searchSource({ attributes }: SavedObject) {
  const meta = attributes.kibanaSavedObjectMeta as { searchSourceJSON: string };
  return parsed<{ indexRefName?: string; filter: { query: object; meta: { indexRefName: string } }[] }>(
    meta.searchSourceJSON,
  );
}
const objectOf = (id: string) => objects.find((object) => object.id === `marquee-${id}`) as SavedObject;

describe("the saved objects", () => {
  it("come in an order in which each refers only to those before it", () => {
    const seen = new Set<string>();
    for (const { type, id, references } of objects) {
      for (const reference of references) expect(seen).toContain(`${reference.type}:${reference.id}`);
      seen.add(`${type}:${id}`);
    }
    expect(seen.size).toBe(objects.length);
  });

  it("name each reference that their attributes use", () => {
    for (const object of objects.filter(({ type }) => type === "visualization" || type === "search")) {
      const { indexRefName, filter } = searchSource(object);
      expect(object.references.map(({ name }) => name)).toEqual([
        indexRefName,
        ...filter.map(({ meta }) => meta.indexRefName),
      ]);
    }
  });
});

describe("the dashboard", () => {
  const dashboard = objects.at(-1) as SavedObject;
  const panels = parsed<
    { panelIndex: string; panelRefName: string; gridData: { x: number; y: number; w: number; h: number } }[]
  >(dashboard.attributes.panelsJSON);

  it("shows every panel, none over another", () => {
    expect(panels.map(({ panelIndex }) => panelIndex)).toEqual(LOG_PANELS.map(({ id }) => id));
    const cells = panels.flatMap(({ gridData: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridData: { x, w } }) => x + w))).toBe(48);
  });

  it("refers to its panels and to the data view of its controls", () => {
    const { panelsJSON } = dashboard.attributes.controlGroupInput as { panelsJSON: string };
    const controls = parsed<Record<string, { explicitInput: { fieldName: string } }>>(panelsJSON);
    expect(Object.values(controls).map(({ explicitInput }) => explicitInput.fieldName)).toEqual(
      CONTROLS.map(({ field }) => field),
    );
    expect(dashboard.references.map(({ name }) => name)).toEqual([
      ...panels.map(({ panelIndex, panelRefName }) => `${panelIndex}:${panelRefName}`),
      ...Object.keys(controls).map((id) => `controlGroup_${id}:optionsListDataView`),
    ]);
  });
});

describe.each(LOG_PANELS.map((panel) => [panel.title, panel] as const))("%s", (_title, panel) => {
  const object = objectOf(panel.id);
  const query = panelQuery(panel, HOUR) as {
    query: { bool: { filter: object[] } };
    aggs?: object;
    sort?: object[];
    _source?: string[];
  };

  it("filters in Kibana by what its query filters by, beside the time", () => {
    expect([
      { range: { "@timestamp": { gte: "2026-01-01T00:00:00.000Z", lte: "2026-01-01T01:00:00.000Z" } } },
      ...searchSource(object).filter.map((filter) => filter.query),
    ]).toEqual(query.query.bool.filter);
  });

  it("groups and computes in Kibana by the fields of its query, in their order", () => {
    if (panel.look === "lines") {
      expect(object.attributes.columns).toEqual(query._source);
      expect(object.attributes.sort).toEqual([["@timestamp", panel.order]]);
      return;
    }
    const { aggs } = parsed<{ aggs: { type: string; schema: string; params: { field?: string } }[] }>(
      object.attributes.visState,
    );
    const inKibana = aggs.flatMap(({ schema, params: { field } }) => (schema === "metric" || !field ? [] : [field]));
    const text = JSON.stringify(query.aggs);
    const inQuery = [...text.matchAll(/"(?:terms|date_histogram)":\{"field":"([^"]+)"/g)].map(([, field]) => field);
    expect(inQuery).toEqual(inKibana);
    for (const { type, schema, params } of aggs) {
      if (schema === "metric" && params.field) expect(text).toContain(`{"${type}":{"field":"${params.field}"}}`);
    }
  });
});

it("a table's rows go by its first metric, the largest first, in Kibana and in the query", () => {
  const [requests] = LOG_PANELS.filter(({ id }) => id === "requests");
  const { aggs } = panelQuery(requests!, HOUR) as { aggs: { rows: { terms: object } } };
  expect(aggs.rows.terms).toEqual({ field: "service", size: 10, order: { "metric-1": "desc" } });
  const state = parsed<{ aggs: { params: { orderBy?: string; order?: string } }[] }>(
    objectOf("requests").attributes.visState,
  );
  expect(state.aggs.at(-1)?.params).toMatchObject({ orderBy: "1", order: "desc" });
});
