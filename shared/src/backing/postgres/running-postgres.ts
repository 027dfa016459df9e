import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../service/errors.ts";
import { DATABASE_NAME, dataFolderIn, readPassword } from "./cluster.ts";

/** Lines of PostgreSQL's `postmaster.pid`, counted from 0 (miscadmin.h, LOCK_FILE_LINE_*). */
const PORT_LINE = 3;
const ADDRESS_LINE = 5;
const STATUS_LINE = 7;

/**
 * Where the embedded PostgreSQL of a folder answers that another process has started: what PostgreSQL itself notes there,
 * with the folder's password. Both files are closed to other users. After a crash the note may be an old one, so whoever
 * connects must bear that nobody answers, or somebody else who takes no such password.
 * @param folder as startEmbeddedPostgres was given it
 * @returns undefined where none runs, or it is not ready yet
 */
export async function runningPostgresUrl(folder: string): Promise<string | undefined> {
  try {
    const lines = (await readFile(join(dataFolderIn(folder), "postmaster.pid"), "utf8")).split("\n");
    if (lines[STATUS_LINE]?.trim() !== "ready") return undefined;
    const password = await readPassword(folder);
    return `postgres://${DATABASE_NAME}:${password}@${lines[ADDRESS_LINE]}:${lines[PORT_LINE]}/${DATABASE_NAME}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
