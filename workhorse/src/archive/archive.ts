import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { type Instant, instantSchema } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { sha256 } from "@marquee/shared/service/ids";
import { type ArchivedBody, bodiesText, parseBodies } from "./archived-bodies.ts";
import { countLines, hashStream, unzipped } from "./hash-stream.ts";
import {
  type ArchiveSource,
  type ListedManifest,
  type Manifest,
  manifestKey,
  REPAIR_ADVICE,
  readManifest,
} from "./manifest.ts";
import { keysOf, latestOf, manifestsOf, readAll } from "./read-manifests.ts";

export type { ArchivedBody } from "./archived-bodies.ts";
export type { ArchiveSource, ListedManifest, Manifest } from "./manifest.ts";

const OBJECTS = "archive/objects";

/** What the keys of objects begin with whose content's hash begins with these digits, at least two. */
export function objectPrefix(hash: string): string {
  return `${OBJECTS}/${hash.slice(0, 2)}/${hash}`;
}

export interface BodiesFetch {
  source: "tmdb";
  name: string;
  bodies: readonly ArchivedBody[];
  /** What of the source it covers. */
  cursor?: string;
}

export interface FileFetch {
  source: ArchiveSource;
  name: string;
  /** Where the gzip file lies. */
  path: string;
  observedAt: Date;
  /** `tsv` has a header line, `lines` has none; `tsv` unless given. */
  form?: "tsv" | "lines";
  cursor?: string;
  /** Lines without the header, from who has unpacked the whole file already; counted here unless given. */
  rows?: number;
}

/**
 * Bronze: what the sources said, byte for byte, for ever unless retention is told otherwise. Payloads are named by the
 * hash of their content, so storing one twice stores it once; a manifest per fetch says where it came from. Both lie in
 * the object store, so that the database can be rebuilt from there alone.
 *
 *   archive/objects/<first two of hash>/<hash>.<form>.gz
 *   archive/manifests/<source>/<day>/<name>-<first eight of hash>.json
 *
 * Years of daily fetches lie there: what is done often lists keys and reads the manifests that it does not know.
 */
export interface Archive {
  /** Keeps the raw bodies of one fetch together. Storing the same again changes nothing. */
  storeBodies(fetch: BodiesFetch): Promise<Manifest>;
  /** Keeps a downloaded file, streamed. @throws SOURCE_BODY_INVALID where it is no whole gzip file */
  storeFile(fetch: FileFetch): Promise<Manifest>;
  /** The keys of a source's manifests, by day. */
  keys(source: ArchiveSource): AsyncIterable<string>;
  /** @throws OBJECT_NOT_FOUND, OBJECT_CORRUPT */
  manifest(key: string): Promise<ListedManifest>;
  /** All manifests of a source in the order of their fetching. */
  manifests(source: ArchiveSource): AsyncIterable<ListedManifest>;
  /** The manifests whose key is not known yet, in the order of their fetching; the others are not read. */
  pending(source: ArchiveSource, isKnown: (key: string) => boolean): Promise<ListedManifest[]>;
  /** The last fetch with this name. */
  latest(source: ArchiveSource, name: string): Promise<ListedManifest | undefined>;
  /** Of a file none. @throws OBJECT_CORRUPT when the content does not have the manifest's hash */
  readBodies(manifest: Manifest): Promise<ArchivedBody[]>;
  /** Reads the object back, streamed. @throws OBJECT_CORRUPT, OBJECT_NOT_FOUND */
  verify(manifest: Manifest): Promise<void>;
  /** The file as it came, gzipped. */
  openFile(manifest: Manifest): Promise<Readable>;
}

export function createArchive(store: ObjectStore, clock: Clock): Archive {
  async function keep(
    fetch: { source: ArchiveSource; name: string; cursor?: string },
    object: Pick<Manifest, "form" | "objectKey" | "sha256" | "bytes" | "rows">,
    observedAt: Date = clock.now(),
  ): Promise<Manifest> {
    const { source, name, cursor = null } = fetch;
    const times = { fetchedAt: instantOf(clock.now()), observedAt: instantOf(observedAt) };
    const manifest = { source, name, ...times, ...object, cursor };
    await store.put(manifestKey(manifest), Buffer.from(JSON.stringify(manifest)), { ifAbsent: true });
    return manifest;
  }
  return {
    storeBodies: async (fetch) => {
      const text = bodiesText(fetch.bodies);
      const hash = sha256(text);
      const objectKey = keyOf(hash, "jsonl");
      const zipped = await zip(text);
      await store.put(objectKey, zipped, { ifAbsent: true });
      const rows = fetch.bodies.length;
      return keep(fetch, { form: "bodies", objectKey, sha256: hash, bytes: zipped.length, rows });
    },
    storeFile: async (fetch) => {
      const { path, form = "tsv" } = fetch;
      const { hash, bytes } = await hashStream(createReadStream(path));
      const rows = fetch.rows ?? (await rowsOf(path, form, fetch.name));
      const objectKey = keyOf(hash, form === "tsv" ? "tsv" : "jsonl");
      await store.put(objectKey, createReadStream(path), { ifAbsent: true });
      return keep(fetch, { form, objectKey, sha256: hash, bytes, rows }, fetch.observedAt);
    },
    keys: (source) => keysOf(store, source),
    manifest: (key) => readManifest(store, key),
    manifests: (source) => manifestsOf(store, source),
    pending: async (source, isKnown) => {
      const unknown: string[] = [];
      for await (const key of keysOf(store, source)) if (!isKnown(key)) unknown.push(key);
      return readAll(store, unknown);
    },
    latest: (source, name) => latestOf(store, source, name),
    readBodies: async (manifest) => (manifest.form === "bodies" ? parseBodies(await readText(store, manifest)) : []),
    verify: (manifest) => verify(store, manifest),
    openFile: (manifest) => store.getStream(manifest.objectKey),
  };
}

const zip: (text: string) => Promise<Buffer> = promisify(gzip);
const unzip: (zipped: Buffer) => Promise<Buffer> = promisify(gunzip);

function keyOf(hash: string, ending: "jsonl" | "tsv"): string {
  return `${OBJECTS}/${hash.slice(0, 2)}/${hash}.${ending}.gz`;
}

function instantOf(time: Date): Instant {
  return instantSchema.parse(time.toISOString());
}

async function rowsOf(path: string, form: "tsv" | "lines", name: string): Promise<number> {
  try {
    const lines = await countLines(createReadStream(path));
    return form === "tsv" ? Math.max(0, lines - 1) : lines;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new MarqueeError("SOURCE_BODY_INVALID", `${name} is no whole gzip file, so it is not archived.`, {
      cause: error,
      details: { fault: "truncated" },
    });
  }
}

/** The text of a fetch's bodies, compared with its hash. */
async function readText(store: ObjectStore, manifest: Manifest): Promise<string> {
  const zipped = await store.get(manifest.objectKey);
  let text: string;
  try {
    text = (await unzip(zipped)).toString("utf8");
  } catch (error) {
    throw corrupt(manifest, error);
  }
  if (sha256(text) !== manifest.sha256) throw corrupt(manifest);
  return text;
}

async function verify(store: ObjectStore, manifest: Manifest): Promise<void> {
  const object = await store.getStream(manifest.objectKey);
  try {
    const { hash } = await hashStream(manifest.form === "bodies" ? unzipped(object) : object);
    if (hash !== manifest.sha256) throw corrupt(manifest);
  } catch (error) {
    throw isZlibError(error) ? corrupt(manifest, error) : error;
  }
}

function isZlibError(error: unknown): boolean {
  return systemCode(error).startsWith("Z_");
}

function corrupt({ objectKey, source, name }: Manifest, cause?: unknown): MarqueeError {
  return new MarqueeError("OBJECT_CORRUPT", `${objectKey} (${source} ${name}) is damaged. ${REPAIR_ADVICE}`, { cause });
}
