import type { FeatureRow } from "@marquee/shared/features/feature-row";
import type { ViewSchema } from "@marquee/shared/features/feature-view";
import type { OfflineDataset } from "../../offline-store/offline-store.ts";

/** Drawn beside those that are wanted, since chance may draw fewer. */
const MARGIN = 1.5;
const UINT32 = 2 ** 32;

export interface RowSample {
  /** How many films, at most. */
  films: number;
  seed: number;
}

/**
 * Rows of films by chance, which for each view of a dataset are the same: a film is drawn by its id and the seed, so that
 * no list of all films is needed.
 * @returns by film id, ascending
 */
export async function sampleRows(
  dataset: OfflineDataset,
  view: ViewSchema,
  { films, seed }: RowSample,
): Promise<Map<number, FeatureRow>> {
  const share = (MARGIN * films + 10) / Math.max(1, dataset.manifest.rows);
  const drawn = await rowsOf(dataset, view, (id) => placeOf(id, seed) < share);
  const places = [...drawn.keys()].map((id) => ({ id, place: placeOf(id, seed) }));
  const kept = new Set(
    places
      .sort((a, b) => a.place - b.place || a.id - b.id)
      .slice(0, films)
      .map(({ id }) => id),
  );
  return new Map([...drawn].filter(([id]) => kept.has(id)));
}

/** @returns the wanted films' rows by film id, ascending */
export async function rowsOf(
  dataset: OfflineDataset,
  view: ViewSchema,
  wanted: (id: number) => boolean,
): Promise<Map<number, FeatureRow>> {
  const rows: [number, FeatureRow][] = [];
  for await (const batch of dataset.latestRows(view)) {
    for (const { id, eventTime, values } of batch) if (wanted(id)) rows.push([id, { eventTime, values }]);
  }
  return new Map(rows.sort(([a], [b]) => a - b));
}

/** Where chance puts a film between 0 and 1 (splitmix32). */
function placeOf(id: number, seed: number): number {
  let mixed = (Math.imul(id, 0x9e3779b9) + Math.imul(seed, 0x85ebca6b)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / UINT32;
}
