import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Clock } from "@marquee/shared/service/clock";
import { explain, isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { hashStream } from "../archive/hash-stream.ts";
import type { Partition } from "./dataset-manifest.ts";

const DEFAULT_MAX_BYTES = 8 * 2 ** 30;
/** What was used so lately is not removed: a query of another process may be reading it, in milliseconds. */
const IN_USE_MS = 60 * 60 * 1000;
/** What a write or a fetch has left for longer was left by a process that was killed, in milliseconds. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
/** What was not used for so long goes in any case: it may be of a dataset that retention has removed. In milliseconds. */
const KEPT_UNUSED_MS = 7 * 24 * 60 * 60 * 1000;
const FOLDER_OF_A_WRITE = "write-";
const INCOMING = ".part";
/** What is ours in the folder, which may have been given to us with something else in it. */
const OWN_NAME = new RegExp(`^(${FOLDER_OF_A_WRITE}\\w+|[0-9a-f]{64}\\.parquet(\\.[0-9a-f]{12}\\${INCOMING})?)$`);

export interface FileCacheOptions {
  objectStore: ObjectStore;
  clock: Clock;
  /** Made when it is first needed; one of this user's in the system's folder for such things unless given. */
  folder?: string;
  /** Above it files go that were not used for longest, 8 GiB unless given. */
  maxBytes?: number;
}

type CachedFile = Pick<Partition, "key" | "sha256" | "bytes">;

/** Copies of a dataset's files on this machine, by their content. Several processes may share the folder. */
export interface FileCache {
  /**
   * The paths of local copies, each fetched where it is not there, and compared with its hash once.
   * @throws OBJECT_CORRUPT where the object is not what it should be, or not there
   */
  localPaths(files: readonly CachedFile[]): Promise<string[]>;
  /** Takes a file in that has just been made: its hash is known, and it is moved. */
  adopt(path: string, sha256: string): Promise<void>;
  /** A folder of one's own, to be removed by whoever asks for it. */
  makeScratch(): Promise<string>;
}

export function createFileCache(options: FileCacheOptions): FileCache {
  const { objectStore, clock, maxBytes = DEFAULT_MAX_BYTES } = options;
  const folder = options.folder ?? join(tmpdir(), `marquee-datasets-${userInfo().username}`);
  const verified = new Set<string>();
  const pending = new Map<string, Promise<string>>();
  const pathOf = (sha256: string) => join(folder, `${sha256}.parquet`);

  async function ensure(file: CachedFile): Promise<string> {
    const path = pathOf(file.sha256);
    // First: what is in use is not removed by another process while it is compared.
    await utimes(path, clock.now(), clock.now()).catch(() => undefined); // not there yet
    if (!(await isWhole(path, file, verified))) {
      await makeFolder(folder);
      await fetchFile(objectStore, file, path);
      await removeUnused(folder, { now: clock.now().getTime(), maxBytes });
    }
    verified.add(file.sha256);
    return path;
  }

  function ensureOnce(file: CachedFile): Promise<string> {
    const running = pending.get(file.sha256) ?? ensure(file).finally(() => pending.delete(file.sha256));
    pending.set(file.sha256, running);
    return running;
  }

  return {
    localPaths: async (files) => {
      const paths: string[] = [];
      // One after the other: what they share is the line to the object store.
      for (const file of files) paths.push(await ensureOnce(file));
      return paths;
    },
    adopt: async (path, sha256) => {
      await rename(path, pathOf(sha256));
      await utimes(pathOf(sha256), clock.now(), clock.now());
      verified.add(sha256);
      await removeUnused(folder, { now: clock.now().getTime(), maxBytes });
    },
    makeScratch: async () => {
      await makeFolder(folder);
      return mkdtemp(join(folder, FOLDER_OF_A_WRITE));
    },
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explain(error);
  }
}

/** A copy is compared with its hash once in a process; afterwards its size is enough. */
async function isWhole(path: string, { sha256, bytes }: CachedFile, verified: ReadonlySet<string>): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== bytes) return false;
  return verified.has(sha256) || (await hashStream(createReadStream(path))).hash === sha256;
}

async function fetchFile(objectStore: ObjectStore, { key, sha256, bytes }: CachedFile, path: string): Promise<void> {
  const incoming = `${path}.${randomBytes(6).toString("hex")}${INCOMING}`;
  try {
    await pipeline(await openObject(objectStore, key), createWriteStream(incoming, { flags: "wx" }));
    const found = await hashStream(createReadStream(incoming));
    if (found.hash !== sha256 || found.bytes !== bytes) throw corrupt(key, `it has the hash ${found.hash}`);
    await rename(incoming, path);
  } catch (error) {
    throw explain(error);
  } finally {
    await rm(incoming, { force: true });
  }
}

async function openObject(objectStore: ObjectStore, key: string): Promise<NodeJS.ReadableStream> {
  try {
    return await objectStore.getStream(key);
  } catch (error) {
    throw isMarqueeError(error, "OBJECT_NOT_FOUND") ? corrupt(key, "it is not there", error) : error;
  }
}

/** @param what is wrong with it, as a clause */
export function corrupt(key: string, what: string, cause?: unknown): MarqueeError {
  return new MarqueeError(
    "OBJECT_CORRUPT",
    `The object ${key} is not what the feature dataset was written with: ${what}. Remove the dataset's manifest and what is left of the object; the next features run makes both anew.`,
    { cause },
  );
}

/** The copies that were used last stay, a week and up to `maxBytes`; what a killed process has left goes with the others. */
async function removeUnused(folder: string, { now, maxBytes }: { now: number; maxBytes: number }): Promise<void> {
  const entries = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      if (!OWN_NAME.test(name)) return [];
      const found = await stat(join(folder, name)).catch(() => undefined); // removed by another process
      return found === undefined ? [] : [{ name, usedAt: found.mtimeMs, bytes: found.isFile() ? found.size : 0 }];
    }),
  );
  let total = 0;
  for (const { name, usedAt, bytes } of entries.flat().sort((a, b) => b.usedAt - a.usedAt)) {
    total += bytes;
    const left = name.startsWith(FOLDER_OF_A_WRITE) || name.endsWith(INCOMING);
    const keptMs = left ? ABANDONED_AFTER_MS : total > maxBytes ? IN_USE_MS : KEPT_UNUSED_MS;
    if (now - usedAt > keptMs) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
