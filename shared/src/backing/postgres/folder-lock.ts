import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorMessage, MarqueeError } from "../../service/errors.ts";

/** SQLite's result code for a lock that another connection holds. */
const SQLITE_BUSY = 5;

export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process alone until it is released or the process ends, however it ends.
 * The lock is a write transaction on an empty SQLite file: the operating system frees it with the process, so no
 * stale lock is ever left, which a file with a process id cannot promise; and Node has no other door to file locks.
 * @throws ALREADY_RUNNING where another process (or this one) has the folder
 */
export function lockFolder(folder: string): FolderLock {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(join(folder, "lock"));
    // Immediate, not exclusive: of many that try at once exactly one gets it, and none waits for another's look.
    file.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
  } catch (error) {
    file?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new MarqueeError(
        "ALREADY_RUNNING",
        `Marquee is already running in ${folder}. Stop it first, or start this one in another folder.`,
        { cause: error },
      );
    }
    throw new MarqueeError(
      "DATABASE_START_FAILED",
      `The folder ${folder} cannot be locked: ${errorMessage(error)}. Does it belong to another user, or is it read-only?`,
      { cause: error },
    );
  }
  const held = file;
  return {
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}
