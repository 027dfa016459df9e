import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { inParallel } from "@marquee/shared/service/in-parallel";
import {
  type ArchiveSource,
  dayFolder,
  isAbsent,
  isNamed,
  type ListedManifest,
  manifestPrefix,
  readManifest,
} from "./manifest.ts";

/** Manifests read at the same time: S3 takes 10 ms for each, so 10,000 take some six seconds. */
const AT_ONCE = 16;

/** The keys of a source's manifests in the order of days. Listing alone: a thousand keys are one call. */
export async function* keysOf(store: ObjectStore, source: ArchiveSource): AsyncGenerator<string> {
  for await (const { key } of store.list(manifestPrefix(source))) yield key;
}

/** The manifests with these keys, in the order of their fetching; what has been removed meanwhile is left out. */
export async function readAll(store: ObjectStore, keys: readonly string[]): Promise<ListedManifest[]> {
  const read = await inParallel(keys, AT_ONCE, async (key) => {
    try {
      return await readManifest(store, key);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  });
  return read.filter((listed) => listed !== undefined).sort(byTime);
}

/** All of a source in the order of their fetching, a day of them in memory. */
export async function* manifestsOf(store: ObjectStore, source: ArchiveSource): AsyncGenerator<ListedManifest> {
  let ofDay: string[] = [];
  for await (const key of keysOf(store, source)) {
    const [first] = ofDay;
    if (first !== undefined && dayFolder(first) !== dayFolder(key)) {
      yield* await readAll(store, ofDay);
      ofDay = [];
    }
    ofDay.push(key);
  }
  yield* await readAll(store, ofDay);
}

/** The last fetch with this name; of the day that had several, the latest. */
export async function latestOf(
  store: ObjectStore,
  source: ArchiveSource,
  name: string,
): Promise<ListedManifest | undefined> {
  let ofDay: string[] = [];
  for await (const key of keysOf(store, source)) {
    if (!isNamed(key, name)) continue;
    const [first] = ofDay;
    ofDay = first !== undefined && dayFolder(first) === dayFolder(key) ? [...ofDay, key] : [key];
  }
  return (await readAll(store, ofDay)).at(-1);
}

function byTime(a: ListedManifest, b: ListedManifest): number {
  return Date.parse(a.manifest.fetchedAt) - Date.parse(b.manifest.fetchedAt) || (a.key < b.key ? -1 : 1);
}
