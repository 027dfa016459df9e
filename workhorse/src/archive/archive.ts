import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { instantSchema } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { sha256 } from "@marquee/shared/service/ids";
import { z } from "zod";

/**
 * Bronze: what the sources said, byte for byte, for ever. Payloads are named by the hash of their content, so storing
 * one twice stores it once; a manifest per fetch says where it came from. Both lie in the object store, so that the
 * database can be rebuilt from there alone.
 *
 *   archive/objects/<first two of hash>/<hash>.<form>.gz
 *   archive/manifests/<source>/<day>/<name>-<first eight of hash>.json
 */
const MANIFESTS = "archive/manifests";
const OBJECTS = "archive/objects";

const manifestSchema = z.strictObject({
  source: z.enum(["tmdb", "imdb"]),
  /** What was fetched: a page of a window, a file. */
  name: z.string(),
  fetchedAt: instantSchema,
  /** When the source says that it changed last; else when it was fetched. */
  observedAt: instantSchema,
  /** `bodies`: JSON lines of RawBody, hashed before compression. `tsv`: IMDb's gzip file as it came. */
  form: z.enum(["bodies", "tsv"]),
  objectKey: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  /** Number of bodies; null where only reading the file would tell. */
  rows: z.int().nullable(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface ListedManifest {
  /** The manifest's own, under which it lies in the object store. */
  key: string;
  manifest: Manifest;
}

export interface ArchivedBody {
  path: string;
  body: string;
}

export interface Archive {
  /** Keeps the raw bodies of one fetch together. Storing the same again changes nothing. */
  storeBodies(fetch: { source: "tmdb"; name: string; bodies: readonly ArchivedBody[] }): Promise<Manifest>;
  /** Keeps a downloaded file, streamed from `path`. */
  storeFile(fetch: { source: "imdb"; name: string; path: string; observedAt: Date }): Promise<Manifest>;
  /** All manifests of a source in the order of their fetching, with the key that names each. */
  manifests(source: Manifest["source"]): AsyncIterable<ListedManifest>;
  /** @throws OBJECT_CORRUPT when the content does not have the manifest's hash */
  readBodies(manifest: Manifest): Promise<ArchivedBody[]>;
  /** Reads the object back. @throws OBJECT_CORRUPT, OBJECT_NOT_FOUND */
  verify(manifest: Manifest): Promise<void>;
  /** The file as it came, gzipped. */
  openFile(manifest: Manifest): Promise<Readable>;
}

export function createArchive(store: ObjectStore, clock: Clock): Archive {
  async function writeManifest(
    manifest: Omit<Manifest, "fetchedAt" | "observedAt">,
    observedAt?: Date,
  ): Promise<Manifest> {
    const now = clock.now().toISOString();
    const whole = manifestSchema.parse({ ...manifest, fetchedAt: now, observedAt: observedAt?.toISOString() ?? now });
    const key = `${MANIFESTS}/${manifest.source}/${now.slice(0, 10)}/${manifest.name}-${manifest.sha256.slice(0, 8)}.json`;
    await store.put(key, Buffer.from(JSON.stringify(whole)), { ifAbsent: true });
    return whole;
  }
  return {
    storeBodies: async ({ source, name, bodies }) => {
      const text = bodies.map(({ path, body }) => `${JSON.stringify({ path, body })}\n`).join("");
      const hash = sha256(text);
      const objectKey = `${OBJECTS}/${hash.slice(0, 2)}/${hash}.jsonl.gz`;
      const zipped = gzipSync(text);
      await store.put(objectKey, zipped, { ifAbsent: true });
      return writeManifest({
        source,
        name,
        form: "bodies",
        objectKey,
        sha256: hash,
        bytes: zipped.length,
        rows: bodies.length,
      });
    },
    storeFile: async ({ source, name, path, observedAt }) => {
      const { hash, bytes } = await hashStream(createReadStream(path));
      const objectKey = `${OBJECTS}/${hash.slice(0, 2)}/${hash}.tsv.gz`;
      await store.put(objectKey, createReadStream(path), { ifAbsent: true });
      return writeManifest({ source, name, form: "tsv", objectKey, sha256: hash, bytes, rows: null }, observedAt);
    },
    manifests: (source) => manifestsOf(store, source),
    readBodies: async (manifest) => {
      const text = await readText(store, manifest);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => bodySchema.parse(JSON.parse(line)));
    },
    verify: async (manifest) => {
      if (manifest.form === "bodies") await readText(store, manifest);
      else if ((await hashStream(await store.getStream(manifest.objectKey))).hash !== manifest.sha256)
        throw corrupt(manifest);
    },
    openFile: (manifest) => store.getStream(manifest.objectKey),
  };
}

/** Keys come in the order of days and names; within a day, which may have seen several crawls, the time decides. */
async function* manifestsOf(store: ObjectStore, source: Manifest["source"]): AsyncGenerator<ListedManifest> {
  let day = "";
  let ofDay: ListedManifest[] = [];
  const inOrder = () => ofDay.sort((a, b) => Date.parse(a.manifest.fetchedAt) - Date.parse(b.manifest.fetchedAt));
  for await (const { key } of store.list(`${MANIFESTS}/${source}/`)) {
    const manifest = manifestSchema.parse(JSON.parse((await store.get(key)).toString("utf8")));
    const itsDay = manifest.fetchedAt.slice(0, 10);
    if (itsDay !== day) {
      yield* inOrder();
      ofDay = [];
      day = itsDay;
    }
    ofDay.push({ key, manifest });
  }
  yield* inOrder();
}

const bodySchema = z.strictObject({ path: z.string(), body: z.string() });

/** The text of a fetch's bodies, compared with its hash. */
async function readText(store: ObjectStore, manifest: Manifest): Promise<string> {
  const bytes = await store.get(manifest.objectKey);
  let text: string;
  try {
    text = gunzipSync(bytes).toString("utf8");
  } catch (error) {
    throw corrupt(manifest, error);
  }
  if (sha256(text) !== manifest.sha256) throw corrupt(manifest);
  return text;
}

function corrupt(manifest: Manifest, cause?: unknown): MarqueeError {
  return new MarqueeError(
    "OBJECT_CORRUPT",
    `${manifest.objectKey} (${manifest.source} ${manifest.name}) is damaged: restore it from a backup, or begin anew with npm start -- --fresh.`,
    {
      cause,
    },
  );
}

async function hashStream(stream: AsyncIterable<Buffer>): Promise<{ hash: string; bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { hash: hash.digest("hex"), bytes };
}
