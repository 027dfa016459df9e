import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { FILM } from "@marquee/shared/features/entities";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import type { EntityRow, OfflineDataset } from "../../offline-store/offline-store.ts";
import { memoryDataset } from "./memory-dataset.ts";

/** A day of March 2026, at its start. */
export const day = (number: number) => new Date(Date.UTC(2026, 2, number));

const schema = (name: string, version: number, columns: string[]): ViewSchema => ({
  ...{ name, version, entity: FILM, ttlSeconds: 26 * 3600 },
  columns: columns.map((column) => ({ name: column, type: "float64", default: Number.NaN })),
});
export const METADATA = schema("film_metadata", 2, ["runtime", "budget"]);
export const RECORD = schema("director_track_record", 1, ["mean"]);
export const VIEWS = [METADATA, RECORD];

/** @param films by id: runtime, or undefined where the film is not in the dataset */
function dataset(hash: string, films: Record<number, number>, entries: Record<string, string> = {}): OfflineDataset {
  const rows = (width: number): EntityRow[] =>
    Object.entries(films).map(([id, value]) => ({
      id: Number(id),
      eventTime: day(1).getTime(),
      values: Float64Array.from({ length: width }, (_, i) => (i === 0 ? value : Number.NaN)),
    }));
  return memoryDataset(VIEWS, {
    hash,
    rows: { [viewKey(METADATA)]: rows(2), [viewKey(RECORD)]: rows(1) },
    entries: Object.entries(entries).map(([key, value]) => {
      const [view = "", entity = ""] = key.split(" ");
      return { view, entity, value: Buffer.from(value) };
    }),
  });
}

export const D1 = dataset(
  "d1",
  { 1: 100, 2: 200, 3: 300, 4: 400, 5: 500, 6: 600 },
  { "name@2 person:a": "1", "name@2 person:b": "2", "card@2 film:1": "one", "card@2 film:2": "two" },
);
/** 2 has changed, 3 is gone, 7 is new; a record has moved to another key. */
export const D2 = dataset(
  "d2",
  { 1: 100, 2: 222, 4: 400, 5: 500, 6: 600, 7: 700 },
  { "name@2 person:a": "1", "name@2 person:b:2026": "2", "card@2 film:1": "one", "card@2 film:2": "new" },
);
/** 2 is what it was, 3 is back with another value, 7 is gone again. */
export const D3 = dataset(
  "d3",
  { 1: 100, 2: 200, 3: 333, 4: 400, 5: 500, 6: 666 },
  { "name@2 person:a": "9", "name@2 person:b": "2", "card@2 film:1": "one" },
);
/** Every place that one of the three fills. */
export const KEYS: OnlineKey[] = [
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((id) => VIEWS.map((view) => onlineRowKey(view, id))),
  ...["person:a", "person:b", "person:b:2026"].map((entity) => ({ view: "name@2", entity })),
  ...["film:1", "film:2"].map((entity) => ({ view: "card@2", entity })),
];
export const ALL_VIEW_KEYS = [viewKey(METADATA), viewKey(RECORD), "name@2", "card@2"];
