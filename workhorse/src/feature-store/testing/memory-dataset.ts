import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { MarqueeError } from "@marquee/shared/service/errors";
import type {
  EntityRow,
  OfflineDataset,
  OfflineStore,
  OnlineEntry,
  TimeRange,
} from "../../offline-store/offline-store.ts";

export interface MemoryDatasetContent {
  /** Any text; not two datasets of one. */
  hash: string;
  /** By view `name@version`; an entity may have several rows. */
  rows: Readonly<Record<string, readonly EntityRow[]>>;
  entries?: readonly OnlineEntry[];
}

const BATCH = 3;

/** A dataset without files, for tests of what reads datasets. Views that `rows` does not name are not in it. */
export function memoryDataset(
  views: readonly ViewSchema[],
  { hash, rows, entries = [] }: MemoryDatasetContent,
): OfflineDataset {
  const [first] = views;
  const online = [...new Set(entries.map(({ view }) => view))];
  const latest = (view: ViewSchema, range: TimeRange = {}) => latestRows(rows[viewKey(view)] ?? [], range);
  return {
    hash,
    manifest: {
      format: 1,
      builtAt: "2026-03-01T00:00:00.000Z",
      asOf: "2026-03-01" as OfflineDataset["manifest"]["asOf"],
      catalogHash: "catalog",
      archiveHash: null,
      maturityDays: 0,
      viewsHash: hash,
      entity: { name: first?.entity.name ?? "film", joinKey: first?.entity.joinKey ?? "tmdb_id" },
      views: views
        .filter((view) => rows[viewKey(view)] !== undefined)
        .map(({ name, version, columns }) => ({ name, version, hash, columns: [...columns] })),
      rows: Math.max(0, ...Object.values(rows).map((of) => of.length)),
      rowFiles: [],
      onlineFiles: online.map((partition) => ({
        ...{ partition, key: partition, sha256: hash, bytes: 0 },
        rows: entries.filter(({ view }) => view === partition).length,
      })),
    },
    latestRows: async function* (view, range) {
      yield* batches([...latest(view, range).values()]);
    },
    changedRows: async function* (view, before) {
      const now = latest(view);
      const was = new Map<number, EntityRow>();
      for await (const some of before.latestRows(view)) for (const row of some) was.set(row.id, row);
      for (const changed of batches([...now.values()].filter((row) => !sameRow(row, was.get(row.id))))) {
        yield { changed, gone: [] };
      }
      yield { changed: [], gone: [...was.keys()].filter((id) => !now.has(id)) };
    },
    onlineEntries: async function* () {
      yield* batches(entries);
    },
    changedEntries: async function* (before) {
      const was = new Map<string, OnlineEntry>();
      for await (const some of before.onlineEntries()) for (const entry of some) was.set(textOf(entry), entry);
      const now = new Map(entries.map((entry) => [textOf(entry), entry]));
      // What is gone comes first: whoever removes it at once leaves a gap where something moved to another key.
      yield { changed: [], gone: [...was].filter(([key]) => !now.has(key)).map(([, entry]) => entry) };
      const differs = ([key, { value }]: [string, OnlineEntry]) =>
        !Buffer.from(value).equals(Buffer.from(was.get(key)?.value ?? []));
      for (const changed of batches([...now].filter((each) => !was.has(each[0]) || differs(each)))) {
        yield { changed: changed.map(([, entry]) => entry), gone: [] };
      }
    },
    close: async () => undefined,
  };
}

/** The datasets that are kept. */
export function memoryDatasets(datasets: readonly OfflineDataset[]): Pick<OfflineStore, "open"> {
  return {
    open: async (hash) => {
      const found = datasets.find((dataset) => dataset.hash === hash);
      if (!found) throw new MarqueeError("DATASET_UNKNOWN", `There is no dataset ${hash}.`);
      return found;
    },
  };
}

function latestRows(rows: readonly EntityRow[], { from, to }: TimeRange): Map<number, EntityRow> {
  const latest = new Map<number, EntityRow>();
  for (const row of rows) if (row.eventTime >= (latest.get(row.id)?.eventTime ?? -Infinity)) latest.set(row.id, row);
  const inRange = ({ eventTime }: EntityRow) =>
    eventTime >= (from?.getTime() ?? -Infinity) && eventTime < (to?.getTime() ?? Infinity);
  return new Map([...latest].filter(([, row]) => inRange(row)));
}

function sameRow(one: EntityRow, other: EntityRow | undefined): boolean {
  return one.eventTime === other?.eventTime && one.values.every((value, i) => Object.is(value, other.values[i]));
}

function textOf({ view, entity }: OnlineKey): string {
  return JSON.stringify([view, entity]);
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
}
