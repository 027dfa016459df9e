import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { IMDB_FILES, type ImdbClient } from "./imdb-client.ts";
import { loadCursor, saveCursor } from "./source-cursor.ts";

/** The state of each file that was archived last. */
const cursorSchema = z.object({ etags: z.record(z.string(), z.string()) });

export interface ImdbFetchOptions {
  imdb: ImdbClient;
  archive: Archive;
}

/** Brings each of IMDb's files that has changed since the last time into the archive, streamed through a temporary file. */
export async function fetchImdb(context: TaskContext, { imdb, archive }: ImdbFetchOptions): Promise<TaskResult> {
  const { database, clock, signal } = context;
  const etags = (await loadCursor(database, "imdb", cursorSchema))?.etags ?? {};
  const folder = await mkdtemp(join(tmpdir(), "marquee-imdb-"));
  let bytes = 0;
  let changed = 0;
  try {
    for (const file of IMDB_FILES) {
      signal.throwIfAborted();
      const path = join(folder, `${file}.tsv.gz`);
      const state = await imdb.download(file, etags[file], path);
      if (!state) continue;
      const manifest = await archive.storeFile({ source: "imdb", name: file, path, observedAt: state.modified });
      bytes += manifest.bytes;
      changed += 1;
      if (state.etag !== undefined) etags[file] = state.etag;
      await saveCursor(database, clock, "imdb", { etags });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { rowsIn: IMDB_FILES.length, rowsOut: changed, detail: { files: changed, bytes } };
}
