import { readModel } from "./back-up-models.ts";
import type { BackupContext } from "./backup-context.ts";
import type { BackupManifest } from "./backup-manifest.ts";
import { createPace } from "./pace.ts";
import { checkBackedUpTable } from "./read-backed-up-table.ts";

/**
 * Reads every object of a backup and compares it with the manifest.
 * @throws BACKUP_DAMAGED naming the first that is not as it says
 */
export async function verifyBackup(
  context: Omit<BackupContext, "database" | "objectStore">,
  manifest: BackupManifest,
): Promise<void> {
  const { signal } = context;
  const { store } = context.backups;
  for (const model of manifest.models) {
    signal.throwIfAborted();
    await readModel(store, model);
  }
  const pace = createPace(context, manifest.tables.length);
  for (const table of manifest.tables) {
    await checkBackedUpTable({ store, name: manifest.name, table, signal });
    pace.tell(table);
  }
}
