import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { systemClock } from "@marquee/shared/service/clock";
import { loadSettings } from "@marquee/shared/service/env";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { createArchive } from "@marquee/workhorse/archive/archive";
import { loadImdb } from "@marquee/workhorse/catalog/load-imdb";
import { createImdbClient } from "@marquee/workhorse/sources/imdb-client";
import { fetchImdb } from "@marquee/workhorse/sources/imdb-fetch";
import { createRequestCounts } from "@marquee/workhorse/sources/request-counts";
import type { BenchResult } from "./benches.ts";
import { benchSettings } from "./env.ts";
import { inDatabase } from "./own-database.ts";

/**
 * Our side of the benchmark, in a process of its own so that its memory is its own: asks the host for the
 * file, archives it, and loads it as the steps `collect` and `catalog` do.
 * @param words the host's address, the database's name, an empty folder for the archive
 * @returns seconds from before the first request until the rows are committed; the process's peak memory
 */
export async function loadRatingsOnce([baseUrl, database, folder]: readonly string[]): Promise<BenchResult> {
  if (baseUrl === undefined || database === undefined || folder === undefined) {
    throw new MarqueeError("USAGE", "Call it by npm run bench -- ratings-load.");
  }
  const { DATABASE_URL } = loadSettings(benchSettings);
  const log = createLogger("bench", "error", process.stderr);
  const connected = connectDatabase({ url: inDatabase(DATABASE_URL, database), log });
  const objectStore = createFileObjectStore(join(folder, "objects"));
  const archive = createArchive(objectStore, systemClock);
  const imdb = createImdbClient({ baseUrl, clock: systemClock, log, counts: createRequestCounts() });
  const context = {
    database: connected,
    objectStore,
    clock: systemClock,
    log,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  const start = performance.now();
  await fetchImdb(context, { imdb, archive, files: ["title.ratings"] });
  const fetched = performance.now();
  const { rowsOut } = await loadImdb(context, archive);
  const end = performance.now();
  await connected.close();
  return {
    name: "ratings-load-once",
    seconds: (end - start) / 1000,
    fetchSeconds: (fetched - start) / 1000,
    rows: rowsOut,
    memoryMb: process.resourceUsage().maxRSS / 1024,
  };
}
