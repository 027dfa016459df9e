import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { backupKeys } from "./backup-keys.ts";
import type { BackedUpTable } from "./backup-manifest.ts";
import { damaged, readWhole } from "./read-whole.ts";
import { createMeter, gunzipped } from "./table-text.ts";

export interface ReadTableOptions {
  store: ObjectStore;
  /** The backup's name. */
  name: string;
  table: BackedUpTable;
  signal: AbortSignal;
}

/**
 * Streams a table's text through `take`, which reads it to its end.
 * @throws BACKUP_DAMAGED where the object is not there, not whole or not what the manifest says; what `take` throws
 */
export async function readBackedUpTable<T>(
  { store, name, table, signal }: ReadTableOptions,
  take: (text: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const key = backupKeys.table(name, table.name);
  return readWhole(key, async () => {
    const meter = createMeter(signal);
    const stored = await store.getStream(key);
    async function* checked(): AsyncGenerator<Buffer> {
      yield* meter.measured(gunzipped(stored));
      const { sha256, rows } = meter.total();
      if (sha256 !== table.sha256) throw damaged(key, `does not have the hash of its manifest (${rows} rows)`);
      if (rows !== table.rows) throw damaged(key, `has ${rows} rows, and its manifest says ${table.rows}`);
    }
    return take(checked());
  });
}

/** Reads a table to its end for its checks alone. @throws BACKUP_DAMAGED */
export function checkBackedUpTable(options: ReadTableOptions): Promise<void> {
  return readBackedUpTable(options, async (text) => {
    for await (const _chunk of text);
  });
}
