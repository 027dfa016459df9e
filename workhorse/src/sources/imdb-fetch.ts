import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { explain, isMarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";
import type { Archive, Manifest } from "../archive/archive.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { IMDB_FILES, type ImdbClient, type ImdbFile } from "./imdb-client.ts";
import { loadCursor, saveCursor } from "./source-cursor.ts";

/** The state of each file that was archived last. */
const cursorSchema = z.object({ etags: z.record(z.string(), z.string()) });

export interface ImdbFetchOptions {
  imdb: ImdbClient;
  archive: Archive;
  /** All seven unless given. */
  files?: readonly ImdbFile[];
}

/** What became of one file. */
type Fetched =
  | { status: "changed"; manifest: Manifest }
  | { status: "unchanged" }
  | { status: "failed"; error: unknown };

/**
 * Brings each of IMDb's files that has changed since the last time into the archive, streamed through a temporary file.
 * The cursor moves with each file, so that a fetch that was killed repeats one at most. A file that cannot be had does
 * not keep the others from coming: one that the host does not have is a warning; for any other reason the fetch fails,
 * after the others. A host that does not answer at all is asked for no other file.
 * @returns rowsIn: files; rowsOut: those that had changed; detail: files, bytes, missing (names)
 */
export async function fetchImdb(
  context: TaskContext,
  { imdb, archive, files = IMDB_FILES }: ImdbFetchOptions,
): Promise<TaskResult> {
  const etags = (await loadCursor(context.database, "imdb", cursorSchema))?.etags ?? {};
  const folder = await mkdtemp(join(tmpdir(), "marquee-imdb-"));
  let bytes = 0;
  let changed = 0;
  const missing: ImdbFile[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for (const file of files) {
      context.signal.throwIfAborted();
      const fetched = await fetchFile(context, { imdb, archive }, { file, etags, path: join(folder, file) });
      if (fetched.status === "changed") {
        changed += 1;
        bytes += fetched.manifest.bytes;
      } else if (fetched.status === "failed") {
        if (!isMissing(fetched.error)) failure ??= fetched;
        else missing.push(file);
        context.log.warn({ err: fetched.error, file }, `IMDb's ${file} could not be fetched`);
        if (isAway(fetched.error)) break;
      }
      // A host that has none of them is not IMDb.
      if (missing.length === files.length && fetched.status === "failed") failure = fetched;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (failure) throw failure.error;
  return { rowsIn: files.length, rowsOut: changed, detail: { files: changed, bytes, missing } };
}

async function fetchFile(
  { database, clock, signal, onProgress }: TaskContext,
  { imdb, archive }: ImdbFetchOptions,
  { file, etags, path }: { file: ImdbFile; etags: Record<string, string>; path: string },
): Promise<Fetched> {
  try {
    const state = await imdb.download(file, etags[file], path, (done, total) =>
      onProgress({ done, ...(total === undefined ? {} : { total }), unit: `bytes of ${file}` }),
    );
    if (!state) return { status: "unchanged" };
    const { etag, modified: observedAt, rows } = state;
    const cursor = etag === undefined ? {} : { cursor: etag };
    const manifest = await archive.storeFile({ source: "imdb", name: file, path, observedAt, rows, ...cursor });
    // One at a time is enough room for the largest.
    await rm(path, { force: true });
    if (etag !== undefined) {
      etags[file] = etag;
      await saveCursor(database, clock, "imdb", { etags });
    }
    return { status: "changed", manifest };
  } catch (error) {
    signal.throwIfAborted();
    // Only what the source did: our own disk, archive and database end the fetch.
    if (!isMarqueeError(error) || !error.code.startsWith("SOURCE_")) throw explain(error);
    return { status: "failed", error };
  }
}

/** Who gave no answer at all, however often asked, gives none for the next file. */
function isAway(error: unknown): boolean {
  return isMarqueeError(error, "SOURCE_UNAVAILABLE") && error.details.reason !== undefined;
}

/** The host, a bucket, says "denied" of a file that it does not have. */
function isMissing(error: unknown): boolean {
  return isMarqueeError(error, "SOURCE_NOT_FOUND") || isMarqueeError(error, "SOURCE_KEY_REFUSED");
}
