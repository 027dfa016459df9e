import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { instantSchema } from "@marquee/shared/contracts/time";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";

export const ARCHIVE_SOURCES = ["tmdb", "imdb"] as const;
export type ArchiveSource = (typeof ARCHIVE_SOURCES)[number];

const MANIFESTS = "archive/manifests";

/** The way back from damage: backups leave the archive out, and what is at the source still can be fetched anew. */
export const REPAIR_ADVICE =
  "To take what is damaged or missing out and have it fetched anew: npm run marquee -- archive verify --repair";

const manifestSchema = z.strictObject({
  source: z.enum(ARCHIVE_SOURCES),
  /** What was fetched: a batch of films, a file. */
  name: z.string(),
  fetchedAt: instantSchema,
  /** When the source says that it changed last; else when it was fetched. */
  observedAt: instantSchema,
  /**
   * `bodies`: JSON lines of ArchivedBody, hashed before compression. `tsv` (IMDb's data sets) and `lines` (TMDB's list of
   * ids, which holds nothing for the catalog): the source's gzip file as it came.
   */
  form: z.enum(["bodies", "tsv", "lines"]),
  objectKey: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  /** Number of bodies, or of a file's lines without its header; null in manifests of before lines were counted. */
  rows: z.int().nullable(),
  /** What of the source it covers: the list and the ids, a day, an ETag; null in manifests of before it was noted. */
  cursor: z.string().nullable().default(null),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface ListedManifest {
  /** The manifest's own, under which it lies in the object store. */
  key: string;
  manifest: Manifest;
}

/** `archive/manifests/<source>/<day>/<name>-<first eight of hash>.json` */
export function manifestKey({ source, fetchedAt, name, sha256 }: Manifest): string {
  return `${MANIFESTS}/${source}/${fetchedAt.slice(0, 10)}/${name}-${sha256.slice(0, 8)}.json`;
}

/** What the keys of a source's manifests begin with. */
export function manifestPrefix(source: ArchiveSource): string {
  return `${MANIFESTS}/${source}/`;
}

/** The folder of a manifest's day; those of one day share it. */
export function dayFolder(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** Whether the manifest with this key is of a fetch with this name. */
export function isNamed(key: string, name: string): boolean {
  const file = key.slice(key.lastIndexOf("/") + 1);
  return file.startsWith(`${name}-`) && /^[0-9a-f]{8}\.json$/.test(file.slice(name.length + 1));
}

export interface ManifestKeyParts {
  source: ArchiveSource | undefined;
  /** YYYY-MM-DD */
  day: string;
  name: string;
  /** The first eight digits of the content's hash. */
  hash: string | undefined;
}

/** What a manifest's key tells where the manifest itself cannot be read; of a file that is none, its name alone. */
export function readManifestKey(key: string): ManifestKeyParts {
  const [, , source, day = "", file = ""] = key.split("/");
  const [, name = file, hash] = /^(.+)-([0-9a-f]{8})\.json$/.exec(file) ?? [];
  return { source: ARCHIVE_SOURCES.find((known) => known === source), day, name, hash };
}

/** @throws OBJECT_NOT_FOUND; OBJECT_CORRUPT for what is no manifest */
export async function readManifest(store: ObjectStore, key: string): Promise<ListedManifest> {
  const text = (await store.get(key)).toString("utf8");
  try {
    return { key, manifest: manifestSchema.parse(JSON.parse(text)) };
  } catch (error) {
    throw new MarqueeError("OBJECT_CORRUPT", `${key} is no manifest of the archive. ${REPAIR_ADVICE}`, {
      cause: error,
      details: { keys: [key] },
    });
  }
}

/** Retention may remove a manifest between its listing and its reading. */
export function isAbsent(error: unknown): boolean {
  return isMarqueeError(error, "OBJECT_NOT_FOUND");
}
