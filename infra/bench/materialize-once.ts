import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { systemClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { materialize } from "@marquee/workhorse/feature-store/materialize";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import type { BenchResult } from "./benches.ts";
import { feastView } from "./feast-views.ts";

/** What our keys in the benchmark's Redis begin with. */
export const NAMESPACE = "marquee:bench";

/** A dataset, and where it lies. */
export interface MaterializeOnce {
  objects: string;
  cache: string;
  hash: string;
  redisUrl: string;
}

/**
 * Our side in a process of its own, as Feast's is: from a dataset on the disk and an empty Redis to every value written
 * and confirmed. The dataset's opening and the connection to Redis are part of it.
 */
export async function materializeOnce([words]: readonly string[]): Promise<BenchResult> {
  if (words === undefined) throw new MarqueeError("USAGE", "The benchmark materialize calls this one.");
  const { objects, cache, hash, redisUrl }: MaterializeOnce = JSON.parse(words);
  const log = createLogger("bench", "error", process.stderr);
  const start = performance.now();
  const offline = createOfflineStore({ objectStore: createFileObjectStore(objects), cacheFolder: cache });
  const online = openOnlineStore({ url: redisUrl, clock: systemClock, log, namespace: NAMESPACE });
  const dataset = await offline.open(hash);
  const { rowsOut } = await materialize(
    { clock: systemClock, log, signal: new AbortController().signal, onProgress: () => undefined },
    { online, offline, dataset, at: systemClock.now(), views: [feastView("v100k")], mode: "full" },
  );
  const seconds = (performance.now() - start) / 1000;
  await Promise.all([online.close(), dataset.close()]);
  return { name: "materialize-once", seconds, rows: rowsOut, memoryMb: process.resourceUsage().maxRSS / 1024 };
}
