import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { openDuckDb, sqlText, streamChunks } from "@marquee/workhorse/offline-store/duckdb";

const COLUMN_NAMES = Array.from({ length: 20 }, (_, i) => `x${String(i).padStart(2, "0")}`);

/** Feast's view of made-up data (feast-peer.ts) as one of ours: 20 columns x00 … x19 of entities `id`. */
export function feastView(name: "v5k" | "v100k"): ViewSchema {
  return {
    name,
    version: 1,
    entity: { name: "ent", joinKey: "id", description: "A made-up entity" },
    ttlSeconds: 365 * 86_400,
    columns: COLUMN_NAMES.map((column) => ({ name: column, type: "float64", default: Number.NaN })),
  };
}

/** Writes the newest row of each entity, as a materialisation does. */
export async function writeOnline(
  onlineStore: OnlineStore,
  view: ViewSchema,
  parquet: string,
  now: Date,
): Promise<void> {
  const duckdb = await openDuckDb({ spillFolder: "" });
  try {
    const values = `[${COLUMN_NAMES.join(", ")}]`;
    const newest = `select id::integer as id, max(epoch_ms(ts))::double as time, max_by(${values}, ts) as "values" from ${sqlText(parquet)} group by id`;
    for await (const chunk of streamChunks(duckdb, newest)) {
      const rows = chunk.convertRows((value) => value) as [number, number, { items: number[] }][];
      await onlineStore.write(
        rows.map(([id, eventTime, { items }]) => ({
          ...onlineRowKey(view, id),
          value: encodeFeatureRow({ eventTime, values: Float64Array.from(items) }),
          materializedAt: now,
          ttlSeconds: view.ttlSeconds,
        })),
      );
    }
    await onlineStore.confirm(viewKey(view), { at: now, source: "benchmark" });
  } finally {
    duckdb.close();
  }
}
