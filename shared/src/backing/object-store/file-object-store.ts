import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { explain, systemCode } from "../../service/errors.ts";
import { checkKey, type ListedObject, notFound, type ObjectContent, type ObjectStore } from "./object-store.ts";

/** Objects on their way in. No key begins with a dot, so none is listed. */
const INCOMING = ".incoming";
/** What lies among them longer than this was left by a process that was killed, in milliseconds. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
/** A folder may be removed as empty between its making and its use, as often as somebody removes the last of its objects. */
const NAMING_ATTEMPTS = 100;

/**
 * An object store in a folder, one file an object. An object is written aside, forced to the disk, then given its
 * name in one step; several processes may use the folder at once.
 * @param root made when the first object is stored
 */
export function createFileObjectStore(root: string): ObjectStore {
  const pathOf = (key: string) => {
    checkKey(key);
    return join(root, ...key.split("/"));
  };
  let tidied: Promise<void> | undefined;

  return {
    put: async (key, content, { ifAbsent = false } = {}) => {
      const path = pathOf(key);
      if (ifAbsent && (await isFile(path))) return { stored: false };
      const incoming = join(root, INCOMING, randomBytes(12).toString("hex"));
      try {
        await makeFolder(dirname(incoming));
        const writtenAt = await writeFile(incoming, content);
        tidied ??= removeAbandoned(dirname(incoming), writtenAt);
        await tidied;
        return { stored: await nameInFolder(incoming, path, ifAbsent) };
      } catch (error) {
        throw explain(error);
      } finally {
        await rm(incoming, { force: true });
      }
    },
    get: async (key) => {
      const file = await openObject(key, pathOf(key));
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    },
    getStream: async (key): Promise<Readable> => (await openObject(key, pathOf(key))).createReadStream(),
    exists: (key) => isFile(pathOf(key)),
    remove: async (key) => {
      const path = pathOf(key);
      if (!(await isFile(path))) return;
      await rm(path, { force: true });
      await syncFolder(await removeEmptyFolders(root, key.split("/").slice(0, -1)));
    },
    list: (prefix) => listFolder(root, "", prefix),
  };
}

/** @returns when it was written by the file system's clock, in milliseconds since 1970 */
async function writeFile(path: string, content: ObjectContent): Promise<number> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}

async function nameInFolder(incoming: string, path: string, ifAbsent: boolean): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeFolder(dirname(path));
      return await giveName(incoming, path, ifAbsent);
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === NAMING_ATTEMPTS) throw error;
    }
  }
}

async function giveName(incoming: string, path: string, ifAbsent: boolean): Promise<boolean> {
  if (ifAbsent) {
    // A rename would replace what another writer put there a moment ago; a link refuses.
    try {
      await link(incoming, path);
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      throw error;
    }
  } else {
    await rename(incoming, path);
  }
  await syncFolder(dirname(path));
  return true;
}

/** A new name outlives a power cut only when its folder is on the disk too, and so up to the first new one. */
async function makeFolder(folder: string): Promise<void> {
  const firstNew = await mkdir(folder, { recursive: true });
  if (firstNew === undefined) return;
  for (let made = folder; made.length >= firstNew.length; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * What was left empty by a removal, up to the first folder that is not.
 * @param names of the folders from the root down
 * @returns that first folder, or the root
 */
async function removeEmptyFolders(root: string, names: readonly string[]): Promise<string> {
  const folder = join(root, ...names);
  if (names.length === 0) return folder;
  try {
    await rmdir(folder);
  } catch (error) {
    const code = systemCode(error);
    // Some systems say of a folder with something in it that it exists.
    if (code === "ENOTEMPTY" || code === "EEXIST") return folder;
    if (code !== "ENOENT") throw error; // another process's, which was there first
  }
  return removeEmptyFolders(root, names.slice(0, -1));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // folders cannot be opened there
  const handle = await open(folder, "r").catch((error: unknown) => {
    // Removed as empty meanwhile: what is to last there then is nothing.
    if (systemCode(error) !== "ENOENT") throw error;
  });
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeAbandoned(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // another process's, done meanwhile
    if (found !== undefined && now - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

async function openObject(key: string, path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw isAbsence(error) ? notFound(key, error) : error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notFound(key);
}

/** ENOTDIR: a part of the key that should be a folder is an object. */
function isAbsence(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}

/** @param folderKey the folder's own key with a `/` at its end, or "" for the root */
async function* listFolder(root: string, folderKey: string, prefix: string): AsyncGenerator<ListedObject> {
  for (const { key, isFolder } of await entriesOf(root, folderKey)) {
    if (isFolder && (key.startsWith(prefix) || prefix.startsWith(key))) yield* listFolder(root, key, prefix);
    if (!isFolder && key.startsWith(prefix)) yield { key, bytes: (await stat(join(root, key))).size };
  }
}

async function entriesOf(root: string, folderKey: string): Promise<{ key: string; isFolder: boolean }[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(root, folderKey), { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
  return (
    entries
      .filter(({ name }) => !name.startsWith("."))
      // With its slash a folder sorts where the keys below it do: "a-b" comes before "a/b".
      .map((entry) => ({
        key: `${folderKey}${entry.name}${entry.isDirectory() ? "/" : ""}`,
        isFolder: entry.isDirectory(),
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  );
}
