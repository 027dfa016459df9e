import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { Archive, Manifest } from "../archive/archive.ts";
import type { TaskContext } from "./task-context.ts";

export interface ArchiveListing {
  manifests: Manifest[];
  /** Identity of the archive's content. */
  hash: string;
}

export async function listArchive(archive: Archive): Promise<ArchiveListing> {
  const manifests: Manifest[] = [];
  const keys: string[] = [];
  for (const source of ["tmdb", "imdb"] as const) {
    for await (const { key, manifest } of archive.manifests(source)) {
      keys.push(key);
      manifests.push(manifest);
    }
  }
  return { manifests, hash: sha256(canonicalJson(keys)) };
}

/** Reads every object back and compares its hash with its manifest's. @throws OBJECT_CORRUPT, OBJECT_NOT_FOUND */
export async function verifyArchive(
  context: TaskContext,
  archive: Archive,
  { manifests }: ArchiveListing,
): Promise<TaskResult> {
  let bytes = 0;
  for (const [i, manifest] of manifests.entries()) {
    context.signal.throwIfAborted();
    await archive.verify(manifest);
    bytes += manifest.bytes;
    context.onProgress({ done: i + 1, total: manifests.length, unit: "fetches" });
  }
  return { rowsIn: manifests.length, rowsOut: manifests.length, detail: { fetches: manifests.length, bytes } };
}
