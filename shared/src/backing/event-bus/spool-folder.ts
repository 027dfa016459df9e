import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../service/clock.ts";
import { explain, isMarqueeError } from "../../service/errors.ts";
import { uuidv7 } from "../../service/ids.ts";
import { type FolderLock, lockFolder } from "../postgres/folder-lock.ts";

/** A folder that has this prefix is not locked yet, and is nobody's to adopt. */
const UNLOCKED = "new-";

const SEGMENT = /^\d+\.jsonl$/;

/** A folder of segments that is this process's alone while it lives. */
export interface SpoolFolder {
  readonly path: string;
  /** Its segments when it was taken, oldest first. */
  readonly segments: readonly string[];
  /** Lets go of it; what is left in it is adopted by the next process of the service. */
  release(): void;
  remove(): Promise<void>;
}

/**
 * A new folder below `parent`. It is locked under another name first, so that nobody can take it for one that a dead
 * process left.
 * @throws FOLDER_UNUSABLE, DISK_FULL
 */
export async function makeSpoolFolder(parent: string, clock: Clock): Promise<SpoolFolder> {
  const id = uuidv7(clock);
  const [unlocked, path] = [join(parent, `${UNLOCKED}${id}`), join(parent, id)];
  try {
    await mkdir(unlocked, { recursive: true });
    const lock = lockFolder(unlocked);
    await rename(unlocked, path);
    return held(path, [], lock);
  } catch (error) {
    throw explain(error);
  }
}

/** Takes the folders of processes of this service that have ended, oldest first; those of living ones stay theirs. */
export async function adoptSpoolFolders(parent: string): Promise<SpoolFolder[]> {
  const folders = (await readdir(parent, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const adopted: SpoolFolder[] = [];
  // Named by UUIDv7, so in order of their making.
  for (const name of folders.map((entry) => entry.name).sort()) {
    const folder = name.startsWith(UNLOCKED) ? undefined : await adopt(join(parent, name));
    if (folder === undefined) continue;
    if (folder.segments.length > 0) adopted.push(folder);
    else await folder.remove();
  }
  return adopted;
}

/** @returns undefined where another process has it, or has just removed it */
async function adopt(path: string): Promise<SpoolFolder | undefined> {
  let lock: FolderLock | undefined;
  try {
    lock = lockFolder(path);
    const segments = (await readdir(path)).filter((name) => SEGMENT.test(name)).sort();
    return held(path, segments, lock);
  } catch (error) {
    lock?.release();
    if (isMarqueeError(error, "ALREADY_RUNNING") || !existsSync(path)) return undefined;
    throw explain(error);
  }
}

function held(path: string, segments: readonly string[], lock: FolderLock): SpoolFolder {
  return {
    path,
    segments,
    release: () => lock.release(),
    remove: async () => {
      lock.release();
      await rm(path, { recursive: true, force: true });
    },
  };
}
