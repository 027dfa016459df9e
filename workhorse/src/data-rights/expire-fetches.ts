import type { Archive } from "../archive/archive.ts";
import { ARCHIVE_SOURCES, type ArchiveSource, type ListedManifest } from "../archive/manifest.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { type ExpiredObject, expiredFetches } from "./expired-fetches.ts";

/** Everything that was ever fetched, in the order of fetching within each source. */
export async function listFetches(archive: Archive): Promise<ListedManifest[]> {
  const fetches: ListedManifest[] = [];
  for (const source of ARCHIVE_SOURCES) for await (const listed of archive.manifests(source)) fetches.push(listed);
  return fetches;
}

export interface ExpireFetchesOptions {
  source: ArchiveSource;
  /** Those of all sources: content that several have is stored once. */
  fetches: readonly ListedManifest[];
  keptFrom: Date;
}

/**
 * Takes a source's old fetches out of the archive, with the notes that they were loaded. Nobody may write to the archive
 * meanwhile: content that comes again is not stored again.
 * @returns objects and manifests removed
 */
export async function expireFetches(
  context: TaskContext,
  { source, fetches, keptFrom }: ExpireFetchesOptions,
): Promise<{ objects: number; manifests: number }> {
  const ours = fetches.filter(({ manifest }) => manifest.source === source);
  const others = fetches.filter(({ manifest }) => manifest.source !== source);
  const expired = expiredFetches(
    ours.map(({ key, manifest }) => ({ ...manifest, key })),
    others.map(({ manifest }) => manifest),
    keptFrom,
  );
  const counts = { objects: 0, manifests: 0 };
  for (const [i, object] of expired.entries()) {
    context.signal.throwIfAborted();
    await removeObject(context, object);
    counts.objects += object.kept ? 0 : 1;
    counts.manifests += object.manifestKeys.length;
    context.onProgress({ done: i + 1, total: expired.length, unit: "old fetches" });
  }
  return counts;
}

/** The object before what names it: after a crash between the two the manifest is found again, and is as old as before. */
async function removeObject({ database, objectStore }: TaskContext, expired: ExpiredObject): Promise<void> {
  if (!expired.kept) await objectStore.remove(expired.objectKey);
  for (const key of expired.manifestKeys) await objectStore.remove(key);
  await database.execute("delete from archive_loads where manifest_key = any($1)", [expired.manifestKeys]);
}
