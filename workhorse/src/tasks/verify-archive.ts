import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { inParallel } from "@marquee/shared/service/in-parallel";
import { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import { type Damage, damageError, damageOf } from "../archive/damage.ts";
import { ARCHIVE_SOURCES, type ArchiveSource, dayFolder, isAbsent, type ListedManifest } from "../archive/manifest.ts";
import type { TaskContext } from "./task-context.ts";

/** Objects read back at the same time: one of S3 answers after 10 ms, and hashing takes one core. */
const AT_ONCE = 8;

export interface ArchiveListing {
  /** Of the manifests. */
  keys: string[];
  /** Identity of the archive's content. */
  hash: string;
}

/** Lists the manifests without reading them. */
export async function listArchive(
  archive: Archive,
  sources: readonly ArchiveSource[] = ARCHIVE_SOURCES,
): Promise<ArchiveListing> {
  const keys: string[] = [];
  for (const source of sources) for await (const key of archive.keys(source)) keys.push(key);
  return { keys, hash: sha256(canonicalJson(keys)) };
}

/** Days whose fetches are whole, by the folder of their manifests, whose keys are hashed. */
const verifiedDaysSchema = z.record(z.string(), z.object({ hash: z.string(), bytes: z.int() }));
export type VerifiedDays = z.infer<typeof verifiedDaysSchema>;

/** What the last run of the archive step has proven; nothing where it found damage, was stopped, or noted no days. */
export async function lastVerifiedDays(database: Queries): Promise<VerifiedDays> {
  const [run] = await database.query<{ detail: unknown }>(
    `select case when status = 'succeeded' then detail->'days' end as detail from step_runs
     where step = 'archive' and status <> 'running' order by started_at desc limit 1`,
  );
  return verifiedDaysSchema.safeParse(run?.detail).data ?? {};
}

export interface ArchiveFigures extends Record<string, unknown> {
  /** Of the whole archive. */
  fetches: number;
  /** Fetches that were read back. */
  read: number;
  /** Of the days below. */
  bytes: number;
  /** Those without damage. */
  days: VerifiedDays;
}

export interface Examined {
  damaged: Damage[];
  /** Objects that a manifest names and whose content has its hash, of the fetches that were read. */
  wholeObjects: ReadonlySet<string>;
  /** rowsIn: fetches; rowsOut: those that were read */
  result: TaskResult & { detail: ArchiveFigures };
}

/**
 * Reads every object back and compares its hash with its manifest's; not those of days that have the fetches of `known`.
 * @returns rowsIn: fetches; rowsOut: those that were read; detail: fetches, read, bytes (of all), and `days`, the next `known`
 * @throws OBJECT_CORRUPT, or OBJECT_NOT_FOUND where objects are only missing: one error that names all of them
 */
export async function verifyArchive(
  context: TaskContext,
  archive: Archive,
  listing: ArchiveListing,
  known: VerifiedDays = {},
): Promise<TaskResult> {
  const { damaged, result } = await examineArchive(context, archive, listing, known);
  if (damaged.length > 0) throw damageError(damaged, listing.keys.length);
  return result;
}

/** `verifyArchive`, which damage does not end. */
export async function examineArchive(
  context: TaskContext,
  archive: Archive,
  { keys }: ArchiveListing,
  known: VerifiedDays = {},
): Promise<Examined> {
  const days: VerifiedDays = {};
  const unread: string[] = [];
  for (const [day, ofDay] of Map.groupBy(keys, dayFolder)) {
    const hash = sha256(canonicalJson(ofDay));
    const before = known[day];
    const isKnown = before?.hash === hash;
    days[day] = isKnown ? before : { hash, bytes: 0 };
    if (!isKnown) unread.push(...ofDay);
  }
  const wholeObjects = new Set<string>();
  let done = 0;
  const found = await inParallel(unread, AT_ONCE, async (key): Promise<Damage | undefined> => {
    context.signal.throwIfAborted();
    const read = await readBack(archive, key);
    const day = days[dayFolder(key)];
    if (read && "manifest" in read) {
      if (day) day.bytes += read.manifest.bytes;
      wholeObjects.add(read.manifest.objectKey);
    }
    done += 1;
    context.onProgress({ done, total: unread.length, unit: "fetches" });
    return read && "code" in read ? read : undefined;
  });
  const damaged = found.filter((damage) => damage !== undefined);
  for (const { key } of damaged) delete days[dayFolder(key)];
  const bytes = Object.values(days).reduce((sum, day) => sum + day.bytes, 0);
  const detail = { fetches: keys.length, read: unread.length, bytes, days };
  return { damaged, wholeObjects, result: { rowsIn: keys.length, rowsOut: unread.length, detail } };
}

/** @returns undefined where retention has removed it since it was listed */
async function readBack(archive: Archive, key: string): Promise<ListedManifest | Damage | undefined> {
  let listed: ListedManifest;
  try {
    listed = await archive.manifest(key);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    return asDamage(error, key);
  }
  try {
    await archive.verify(listed.manifest);
    return listed;
  } catch (error) {
    return asDamage(error, key, listed);
  }
}

/** @throws what is no damage, such as a store that is away */
function asDamage(error: unknown, key: string, listed?: ListedManifest): Damage {
  if (isMarqueeError(error, "OBJECT_CORRUPT")) return damageOf(key, "OBJECT_CORRUPT", listed);
  if (isMarqueeError(error, "OBJECT_NOT_FOUND")) return damageOf(key, "OBJECT_NOT_FOUND", listed);
  throw error;
}
