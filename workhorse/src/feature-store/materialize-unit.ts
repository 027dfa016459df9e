import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/view-columns";
import type { EntityRow, OfflineDataset, OnlineEntry, TimeRange } from "../offline-store/offline-store.ts";

/** Views of the online store that are written and confirmed together. */
export interface MaterializeUnit {
  /** As the online store names them. */
  views: readonly string[];
  ttlSeconds: number;
  /** How many values there are. */
  rows: number;
  /** Undefined where values have no event time. */
  inRange?: (range: TimeRange) => AsyncIterable<OnlineEntry[]>;
  all(): AsyncIterable<OnlineEntry[]>;
  changes(before: OfflineDataset): AsyncIterable<{ changed: OnlineEntry[]; gone: OnlineKey[] }>;
}

/**
 * What a dataset has for the online store, the features first: each view of this release that the dataset was built with,
 * then facts, cards, records and names together.
 */
export function materializeUnits(dataset: OfflineDataset, views: readonly ViewSchema[]): MaterializeUnit[] {
  const there = new Set(dataset.manifest.views.map(viewKey));
  const units = views.filter((view) => there.has(viewKey(view))).map((view) => viewUnit(dataset, view));
  const { onlineFiles } = dataset.manifest;
  if (onlineFiles.length === 0) return units;
  return [
    ...units,
    {
      views: [...new Set(onlineFiles.map(({ partition }) => partition))],
      ttlSeconds: FEATURE_TTL_SECONDS,
      rows: onlineFiles.reduce((sum, { rows }) => sum + rows, 0),
      all: () => dataset.onlineEntries(),
      changes: (before) => dataset.changedEntries(before),
    },
  ];
}

function viewUnit(dataset: OfflineDataset, view: ViewSchema): MaterializeUnit {
  const entryOf = (row: EntityRow): OnlineEntry => ({ ...onlineRowKey(view, row.id), value: encodeFeatureRow(row) });
  const inRange = async function* (range?: TimeRange) {
    for await (const rows of dataset.latestRows(view, range)) yield rows.map(entryOf);
  };
  return {
    views: [viewKey(view)],
    ttlSeconds: view.ttlSeconds,
    rows: dataset.manifest.rows,
    inRange,
    all: () => inRange(),
    changes: async function* (before) {
      for await (const { changed, gone } of dataset.changedRows(view, before)) {
        yield { changed: changed.map(entryOf), gone: gone.map((id) => onlineRowKey(view, id)) };
      }
    },
  };
}
