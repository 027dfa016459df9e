import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import { backupKeys, begunAt } from "./backup-keys.ts";
import { type BackupManifest, decodeManifest } from "./backup-manifest.ts";
import type { KnownBackup } from "./backups-to-remove.ts";

/** A backup as the store has it. */
export interface StoredBackup extends KnownBackup {
  /** Of a good one. */
  manifest?: BackupManifest;
  /** Of an unreadable one: why. */
  problem?: string;
}

export const LATEST = "latest";

/** All backups, the oldest first. Reads their manifests, and nothing of what they hold. */
export async function listBackups(store: ObjectStore): Promise<StoredBackup[]> {
  const finished = new Map<string, boolean>();
  for await (const { key } of store.list(backupKeys.root)) {
    const name = backupKeys.nameOf(key);
    finished.set(name, finished.get(name) === true || key === backupKeys.manifest(name));
  }
  const backups: StoredBackup[] = [];
  for (const [name, hasManifest] of finished) {
    const begun = begunAt(name);
    if (begun !== undefined) {
      backups.push({ name, begunAt: begun, ...(hasManifest ? await read(store, name) : { state: "unfinished" }) });
    }
  }
  return backups.sort((a, b) => a.begunAt.getTime() - b.begunAt.getTime());
}

async function read(store: ObjectStore, name: string): Promise<Omit<StoredBackup, "name" | "begunAt">> {
  const decoded = decodeManifest((await store.get(backupKeys.manifest(name))).toString("utf8"));
  if ("problem" in decoded) return { state: "unreadable", problem: decoded.problem };
  if (decoded.manifest.name !== name) {
    return { state: "unreadable", problem: `its manifest is that of ${decoded.manifest.name}` };
  }
  return { state: "good", manifest: decoded.manifest };
}

/**
 * A good backup by its name, or the latest good one.
 * @throws BACKUP_UNKNOWN naming those that there are, BACKUP_DAMAGED where its manifest is not usable
 */
export async function findBackup(store: ObjectStore, nameOrLatest: string): Promise<BackupManifest> {
  const backups = await listBackups(store);
  const good = backups.flatMap(({ manifest }) => manifest ?? []);
  const latest = good.at(-1);
  if (nameOrLatest === LATEST && latest) return latest;
  const named = backups.find(({ name }) => name === nameOrLatest);
  if (named?.manifest) return named.manifest;
  if (named?.problem !== undefined) {
    throw new MarqueeError("BACKUP_DAMAGED", `The backup ${named.name} cannot be used: ${named.problem}.`);
  }
  throw new MarqueeError("BACKUP_UNKNOWN", unknownWords(nameOrLatest, named !== undefined, good));
}

function unknownWords(name: string, unfinished: boolean, good: readonly BackupManifest[]): string {
  const first = unfinished ? `The backup ${name} was not finished` : `There is no backup ${name}`;
  if (good.length > 0) return `${first}; there are ${good.map((manifest) => manifest.name).join(", ")}.`;
  const none = name === LATEST ? "There is no backup yet" : `${first}, and no other yet`;
  return `${none}: npm run marquee -- backup create makes one.`;
}
