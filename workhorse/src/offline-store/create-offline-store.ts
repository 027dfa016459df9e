import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { createFileCache } from "./file-cache.ts";
import type { OfflineStore } from "./offline-store.ts";
import { type LocalDataset, openDataset } from "./open-dataset.ts";
import { writeDataset } from "./write-dataset.ts";

export interface OfflineStoreOptions {
  objectStore: ObjectStore;
  /** Where copies of the files lie on this machine; a folder of this user's among the system's temporary ones unless given. */
  cacheFolder?: string | undefined;
  /** Of the copies together; those that were used last stay. 8 GiB unless given. */
  maxCacheBytes?: number;
  /** Says which copies were used last. Of the machine, not of the work: processes share the folder. */
  cacheClock?: Clock;
}

/** An offline store whose datasets DuckDB reads on this machine. */
export interface LocalOfflineStore extends OfflineStore {
  open(hash: string): Promise<LocalDataset>;
}

export function createOfflineStore({
  objectStore,
  cacheFolder,
  maxCacheBytes,
  cacheClock = systemClock,
}: OfflineStoreOptions): LocalOfflineStore {
  const cache = createFileCache({
    objectStore,
    clock: cacheClock,
    ...(cacheFolder === undefined ? {} : { folder: cacheFolder }),
    ...(maxCacheBytes === undefined ? {} : { maxBytes: maxCacheBytes }),
  });
  return {
    write: (content) => writeDataset({ objectStore, cache }, content),
    open: (hash) => openDataset({ objectStore, cache }, hash),
  };
}
