import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { BackupContext } from "./backup-context.ts";
import { backupKeys } from "./backup-keys.ts";
import { backupsToRemove } from "./backups-to-remove.ts";
import { listBackups, type StoredBackup } from "./stored-backups.ts";

export interface RemovedBackups {
  /** Their names. */
  removed: string[];
  /** Good ones that stay. */
  kept: number;
  /** Models that no backup names any more. */
  modelsRemoved: number;
}

/** Removes the backups that are not to be kept any more, and then the models that none of the others names. */
export async function removeOldBackups({ backups, clock, log }: BackupContext): Promise<RemovedBackups> {
  const { store, keep } = backups;
  const all = await listBackups(store);
  const removed = backupsToRemove(all, clock.now(), keep);
  for (const name of removed) {
    // Its manifest first: a backup that is removed by half is none.
    await store.remove(backupKeys.manifest(name));
    await removeAll(store, backupKeys.folder(name));
  }
  const rest = all.filter(({ name }) => !removed.includes(name));
  const modelsRemoved = await removeUnnamedModels(store, rest);
  if (removed.length > 0) log.info({ removed, modelsRemoved }, "old backups removed");
  return { removed, kept: rest.filter(({ state }) => state === "good").length, modelsRemoved };
}

async function removeUnnamedModels(store: ObjectStore, backups: readonly StoredBackup[]): Promise<number> {
  // Which models it names cannot be known.
  if (backups.some(({ state }) => state === "unreadable")) return 0;
  const named = new Set(backups.flatMap(({ manifest }) => manifest?.models.map(({ sha256 }) => sha256) ?? []));
  const gone = new Set<string>();
  for (const key of await keysBelow(store, backupKeys.models)) {
    const model = backupKeys.modelOf(key);
    if (named.has(model)) continue;
    await store.remove(key);
    gone.add(model);
  }
  return gone.size;
}

async function removeAll(store: ObjectStore, prefix: string): Promise<void> {
  for (const key of await keysBelow(store, prefix)) await store.remove(key);
}

/** Listed before anything is removed: what a listing shows of what changes under it no store promises. */
async function keysBelow(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).map(({ key }) => key);
}
