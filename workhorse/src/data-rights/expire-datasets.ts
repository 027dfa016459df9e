import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { FILE_PREFIX, MANIFEST_PREFIX, manifestKey } from "../offline-store/dataset-manifest.ts";
import { listDatasets } from "../offline-store/dataset-records.ts";
import { readManifest } from "../offline-store/open-dataset.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { type DatasetLimits, expiredDatasets } from "./expired-datasets.ts";

/** More than there can be of one a day in a lifetime. */
const ALL = 100_000;

/**
 * Removes feature datasets whose time is up, and what builds have left that were stopped: manifests that the database
 * does not know, files that no manifest names. Nobody may build features meanwhile. First the row, so that nobody begins
 * to read; killed on the way it goes on the next time.
 * @returns rows and objects removed, by place
 */
export async function expireDatasets(context: TaskContext, limits: DatasetLimits): Promise<Record<string, number>> {
  const { database, objectStore, signal } = context;
  const all = await listDatasets(database, ALL);
  const expired = new Set(expiredDatasets(all, limits).map(({ hash }) => hash));
  const rows = await database.execute("delete from feature_datasets where dataset_hash = any($1)", [[...expired]]);
  const kept = all.filter(({ hash }) => !expired.has(hash)).map(({ hash }) => hash);
  const named = new Set<string>();
  for (const hash of kept) for (const key of await filesOf(objectStore, hash)) named.add(key);
  const manifests = await removeOthers(objectStore, MANIFEST_PREFIX, { keep: new Set(kept.map(manifestKey)), signal });
  const files = await removeOthers(objectStore, FILE_PREFIX, { keep: named, signal });
  return { feature_datasets: rows, "dataset manifests": manifests, "dataset files": files };
}

/** Of a dataset whose manifest is gone or damaged nothing can be read any more: the next build makes it anew. */
async function filesOf(objectStore: ObjectStore, hash: string): Promise<string[]> {
  try {
    const { rowFiles, onlineFiles } = await readManifest(objectStore, hash);
    return [...rowFiles, ...onlineFiles].map(({ key }) => key);
  } catch (error) {
    if (isMarqueeError(error, "DATASET_UNKNOWN") || isMarqueeError(error, "OBJECT_CORRUPT")) return [];
    throw error;
  }
}

async function removeOthers(
  objectStore: ObjectStore,
  prefix: string,
  { keep, signal }: { keep: ReadonlySet<string>; signal: AbortSignal },
): Promise<number> {
  const keys = (await Array.fromAsync(objectStore.list(prefix))).map(({ key }) => key).filter((key) => !keep.has(key));
  for (const key of keys) {
    signal.throwIfAborted();
    await objectStore.remove(key);
  }
  return keys.length;
}
