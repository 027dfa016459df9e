import { CONTROLS, LOG_INDICES, LOG_PANELS, type LogPanel, TIME_FIELD } from "./log-panel.ts";
import { DATA_VIEW_ID, panelObject } from "./panel-object.ts";
import { type SavedObject, savedObject } from "./saved-object.ts";

const GRID_COLUMNS = 48;
/** The version of Kibana whose form of a panel is written. */
const PANEL_VERSION = "8.9.0";

/** Everything that Kibana imports, what is referred to first: data view, panels, dashboard. */
export function savedObjects(): SavedObject[] {
  return [dataView(), ...LOG_PANELS.map(panelObject), dashboard()];
}

function dataView(): SavedObject {
  return savedObject("index-pattern", DATA_VIEW_ID, {
    title: LOG_INDICES,
    name: "Marquee's logs",
    timeFieldName: TIME_FIELD,
    fields: "[]",
    sourceFilters: "[]",
    fieldFormatMap: "{}",
    fieldAttrs: "{}",
    runtimeFieldMap: "{}",
  });
}

function dashboard(): SavedObject {
  const panels = [...places(LOG_PANELS)].map(([panel, place]) => ({ panel, object: panelObject(panel), place }));
  return savedObject(
    "dashboard",
    "marquee-logs",
    {
      title: "Marquee: logs",
      description: "Errors and volume by service, slow and failed requests, and everything of one trace id",
      version: 1,
      timeRestore: true,
      timeFrom: "now-24h",
      timeTo: "now",
      refreshInterval: { pause: false, value: 30_000 },
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false, syncColors: true, syncCursor: true }),
      panelsJSON: JSON.stringify(
        panels.map(({ panel: { id }, object, place }) => ({
          version: PANEL_VERSION,
          type: object.type,
          panelIndex: id,
          gridData: { ...place, i: id },
          embeddableConfig: { enhancements: {} },
          panelRefName: `panel_${id}`,
        })),
      ),
      controlGroupInput: controls(),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: "", language: "kuery" }, filter: [] }),
      },
    },
    [
      ...panels.map(({ panel: { id }, object }) => ({ name: `${id}:panel_${id}`, type: object.type, id: object.id })),
      ...CONTROLS.map(({ id }) => ({
        name: `controlGroup_${id}:optionsListDataView`,
        type: "index-pattern" as const,
        id: DATA_VIEW_ID,
      })),
    ],
  );
}

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Panels in reading order: beside each other while the width suffices, then below the tallest of the line. */
function places(panels: readonly LogPanel[]): Map<LogPanel, Place> {
  const found = new Map<LogPanel, Place>();
  let [x, y, tallest] = [0, 0, 0];
  for (const panel of panels) {
    if (x + panel.width > GRID_COLUMNS) {
      y += tallest;
      [x, tallest] = [0, 0];
    }
    found.set(panel, { x, y, w: panel.width, h: panel.height });
    x += panel.width;
    tallest = Math.max(tallest, panel.height);
  }
  return found;
}

function controls(): Record<string, unknown> {
  const panels = CONTROLS.map(({ id, field, label }, order) => [
    id,
    {
      order,
      width: "medium",
      grow: true,
      type: "optionsListControl",
      explicitInput: { id, fieldName: field, title: label, singleSelect: false, enhancements: {} },
    },
  ]);
  return {
    controlStyle: "oneLine",
    chainingSystem: "HIERARCHICAL",
    ignoreParentSettingsJSON: JSON.stringify({
      ignoreFilters: false,
      ignoreQuery: false,
      ignoreTimerange: false,
      ignoreValidations: false,
    }),
    panelsJSON: JSON.stringify(Object.fromEntries(panels)),
  };
}
