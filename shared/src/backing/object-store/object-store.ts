import type { Readable } from "node:stream";
import { MarqueeError } from "../../service/errors.ts";

/**
 * Where bytes are kept by name: the archive, the models' artifacts, backups. An object never changes under its name unless
 * it is put again, and stays until it is removed.
 *
 * Keys are names separated by `/`, each of letters, digits and `.`, `_`, `-`, `=`, `+`, `@`, not beginning with a dot; at most 700
 * characters. No key may be a folder of another (`a` and `a/b`), nor differ from another in case alone: files cannot.
 */
export interface ObjectStore {
  /**
   * Stores an object whole or not at all, whatever happens meanwhile; when this resolves it survives a power cut.
   * With `ifAbsent` an object that is already there stays as it is.
   * @returns whether it was stored
   * @throws DISK_FULL; what `content` throws, as it came
   */
  put(key: string, content: ObjectContent, options?: { ifAbsent?: boolean }): Promise<{ stored: boolean }>;
  /** @throws OBJECT_NOT_FOUND */
  get(key: string): Promise<Buffer>;
  /** For objects that are too large for memory. @throws OBJECT_NOT_FOUND, before the first byte */
  getStream(key: string): Promise<Readable>;
  exists(key: string): Promise<boolean>;
  /**
   * Removes an object; one that is not there is removed already. When this resolves it stays away after a power cut.
   * For retention alone, which knows what nothing needs any more: of backups, and of a source's fetches whose time is up.
   */
  remove(key: string): Promise<void>;
  /** All whole objects whose key begins with `prefix` (any text; "" for all), in the order of their keys' bytes. */
  list(prefix: string): AsyncIterable<ListedObject>;
}

export type ObjectContent = Uint8Array | string | AsyncIterable<Uint8Array | string>;

export interface ListedObject {
  key: string;
  /** Size of the content. */
  bytes: number;
}

/** S3 allows 1,024 bytes, the operator's prefix included. */
const MAX_KEY_CHARACTERS = 700;
const KEY = /^[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]{0,199}(\/[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]{0,199})*$/;

/** @throws INTERNAL: keys are made by the code, so a wrong one is a defect of ours */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY_CHARACTERS || !KEY.test(key)) {
    throw new MarqueeError("INTERNAL", `${JSON.stringify(key)} is not a key of the object store.`);
  }
}

export function notFound(key: string, cause?: unknown): MarqueeError {
  return new MarqueeError("OBJECT_NOT_FOUND", `There is no object ${key} in the object store.`, { cause });
}
