import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, explain, MarqueeError, systemCode } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { stopWithUs } from "./parent-watch.ts";
import { DATABASE_URL_INSTEAD, type PostgresBinaries } from "./postgres-binaries.ts";
import { startFailure, startServerProcess } from "./server-process.ts";
import type { ServerUser } from "./server-user.ts";

/** The server's superuser, its database's owner and that database, all of one name. */
export const DATABASE_NAME = "marquee";

/** Unfinished clusters lie in siblings of this name and a random end. */
const UNFINISHED = "cluster.new-";

export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

export interface ClusterOptions {
  /** Absolute, free of links, and locked by the caller. */
  folder: string;
  binaries: PostgresBinaries;
  user: ServerUser;
  log: Logger;
}

export function dataFolderIn(folder: string): string {
  return join(folder, "cluster", "data");
}

/**
 * The folder's database cluster, made on first use. It is made beside its place and renamed there when complete, so
 * that a process killed half way leaves nothing that could be taken for a cluster.
 * @throws DATABASE_START_FAILED where the data are another major version's, another user's or damaged; DISK_FULL
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  try {
    const entries = await readdir(options.folder);
    await removeUnfinished(options, entries);
    if (entries.includes("cluster")) await checkVersion(options);
    else await createCluster(options);
    return { dataFolder: dataFolderIn(options.folder), password: await readPassword(options.folder) };
  } catch (error) {
    throw explainAccess(explain(error), options.folder);
  }
}

async function removeUnfinished({ folder, log }: ClusterOptions, entries: readonly string[]): Promise<void> {
  for (const entry of entries.filter((name) => name.startsWith(UNFINISHED))) {
    log.info({ entry }, "removing a database that was not finished");
    // An initdb whose parent was killed a moment ago may still write there; what it leaves goes at the next start.
    await rm(join(folder, entry), { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ err: error }, "could not remove it"),
    );
  }
}

async function checkVersion({ folder, binaries }: ClusterOptions): Promise<void> {
  const found = (await readFile(join(dataFolderIn(folder), "PG_VERSION"), "utf8")).trim();
  if (found === String(binaries.major)) return;
  throw new MarqueeError(
    "DATABASE_START_FAILED",
    `${folder} holds data of PostgreSQL ${found}, and this Marquee brings PostgreSQL ${binaries.major}, which cannot read them. ` +
      `Run the Marquee that wrote them, or move the folder away to start with an empty database.`,
  );
}

/** The password of the cluster's one user. @throws ENOENT where the cluster is not made yet */
export async function readPassword(folder: string): Promise<string> {
  return (await readFile(join(folder, "cluster", "password"), "utf8")).trim();
}

async function createCluster({ folder, binaries, user, log }: ClusterOptions): Promise<void> {
  const unfinished = await mkdtemp(join(folder, UNFINISHED));
  try {
    const data = join(unfinished, "data");
    await mkdir(data, { mode: 0o700 });
    if (user.owner) await giveTo(data, user.owner);
    await writePassword(join(unfinished, "password"));
    await initialize({ binaries, user, data, passwordFile: join(unfinished, "password"), folder });
    await rename(unfinished, join(folder, "cluster"));
    await syncFolder(folder);
    log.info({ folder }, "made a new database");
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

async function giveTo(data: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  try {
    await chown(data, uid, gid);
  } catch (error) {
    throw new MarqueeError(
      "DATABASE_START_FAILED",
      `PostgreSQL does not run as root, and this root may not give ${data} to the user ${uid} (${errorMessage(error)}). ` +
        `Start Marquee as an ordinary user. ${DATABASE_URL_INSTEAD}`,
      { cause: error },
    );
  }
}

async function writePassword(path: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(24).toString("hex")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // folders cannot be opened there
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

interface InitOptions {
  binaries: PostgresBinaries;
  user: ServerUser;
  data: string;
  passwordFile: string;
  folder: string;
}

async function initialize({ binaries, user, data, passwordFile, folder }: InitOptions): Promise<void> {
  const initdb = await startServerProcess(user, binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${DATABASE_NAME}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // Sorts by code point and knows letters beyond ASCII, the same on every machine.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
  ]);
  const unwatch = stopWithUs(initdb.pid);
  const { status } = await initdb.ended.finally(unwatch);
  if (status !== 0) throw startFailure("The database could not be made. initdb said:", folder, initdb.output);
}

function explainAccess(error: unknown, folder: string): unknown {
  const code = systemCode(error);
  if (code === "EACCES" || code === "EPERM") {
    return new MarqueeError(
      "DATABASE_START_FAILED",
      `${folder} belongs to another user: start Marquee as that user, or move the folder away to start with an empty database.`,
      { cause: error },
    );
  }
  if (code === "ENOENT") {
    return new MarqueeError(
      "DATABASE_START_FAILED",
      `The database in ${folder} is incomplete (${errorMessage(error)}). Restore the folder, or move it away to start with an empty database.`,
      { cause: error },
    );
  }
  return error;
}
