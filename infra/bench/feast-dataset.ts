import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { ViewSchema } from "@marquee/shared/features/feature-view";
import { sha256 } from "@marquee/shared/service/ids";
import { openDuckDb, sqlText, streamChunks } from "@marquee/workhorse/offline-store/duckdb";
import type { OfflineStore, RowBatch } from "@marquee/workhorse/offline-store/offline-store";
import { wideValues } from "@marquee/workhorse/offline-store/view-rows";

/** As far as Feast's view looks back. */
const WINDOW_SECONDS = 365 * 86_400;
/** Behind the last of Feast's rows. */
const BUILT = "2026-10-20";

/**
 * Feast's Parquet file (feast-peer.ts) as a dataset of ours, with the view's columns.
 * @param spillFolder for DuckDB, while the file is read
 * @returns the dataset's hash
 */
export async function writeFeastDataset(
  store: OfflineStore,
  { view, parquet, spillFolder }: { view: ViewSchema; parquet: string; spillFolder: string },
): Promise<string> {
  const { name, version, columns, entity } = view;
  const { hash } = await store.write({
    ...{ builtAt: `${BUILT}T00:00:00.000Z`, asOf: BUILT as CalendarDate, maturityDays: 0 },
    ...{ catalogHash: "benchmark", archiveHash: null, viewsHash: sha256(name) },
    entity,
    views: [
      {
        ...{ name, version, hash: sha256(name), joinWindowSeconds: WINDOW_SECONDS },
        columns: columns.map((column) => ({ name: column.name, type: column.type })),
      },
    ],
    rows: rowsOf(parquet, columns, spillFolder),
    online: [],
  });
  return hash;
}

async function* rowsOf(parquet: string, columns: ViewSchema["columns"], spillFolder: string): AsyncGenerator<RowBatch> {
  const duckdb = await openDuckDb({ spillFolder });
  try {
    const names = columns.map((column) => column.name).join(", ");
    const sql = `select id::double, epoch_ms(ts)::double, ${names} from ${sqlText(parquet)}`;
    for await (const chunk of streamChunks(duckdb, sql)) {
      yield {
        ids: Int32Array.from(wideValues(chunk, 1, 0)),
        eventTimes: wideValues(chunk, 1, 1),
        values: wideValues(chunk, columns.length, 2),
      };
    }
  } finally {
    duckdb.close();
  }
}
