import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { type ErrorCode, isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { inParallel } from "@marquee/shared/service/in-parallel";
import { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import { ARCHIVE_SOURCES, type ArchiveSource, dayFolder, isAbsent, type ListedManifest } from "../archive/manifest.ts";
import type { TaskContext } from "./task-context.ts";

/** Objects read back at the same time: one of S3 answers after 10 ms, and hashing takes one core. */
const AT_ONCE = 8;
/** Damaged objects that the error's message names; its details name all. */
const NAMED = 10;

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

interface Damage {
  key: string;
  code: ErrorCode;
  message: string;
}

/**
 * Reads every object back and compares its hash with its manifest's; not those of days that have the fetches of `known`.
 * @returns rowsIn: fetches; rowsOut: those that were read; detail: fetches, read, bytes (of all), and `days`, the next `known`
 * @throws OBJECT_CORRUPT, or OBJECT_NOT_FOUND where objects are only missing: one error that names all of them
 */
export async function verifyArchive(
  context: TaskContext,
  archive: Archive,
  { keys }: ArchiveListing,
  known: VerifiedDays = {},
): Promise<TaskResult> {
  const days: VerifiedDays = {};
  const unread: string[] = [];
  for (const [day, ofDay] of Map.groupBy(keys, dayFolder)) {
    const hash = sha256(canonicalJson(ofDay));
    const before = known[day];
    const isKnown = before?.hash === hash;
    days[day] = isKnown ? before : { hash, bytes: 0 };
    if (!isKnown) unread.push(...ofDay);
  }
  let done = 0;
  const found = await inParallel(unread, AT_ONCE, async (key): Promise<Damage | undefined> => {
    context.signal.throwIfAborted();
    const listed = await manifestAt(archive, key);
    const damage = listed && ("code" in listed ? listed : await damageOf(archive, listed));
    const day = days[dayFolder(key)];
    if (day && listed && "manifest" in listed) day.bytes += listed.manifest.bytes;
    done += 1;
    context.onProgress({ done, total: unread.length, unit: "fetches" });
    return damage;
  });
  const damaged = found.filter((damage) => damage !== undefined);
  if (damaged.length > 0) throw damageError(damaged, keys.length);
  const bytes = Object.values(days).reduce((sum, day) => sum + day.bytes, 0);
  const detail = { fetches: keys.length, read: unread.length, bytes, days };
  return { rowsIn: keys.length, rowsOut: unread.length, detail };
}

/** undefined where retention has removed it since it was listed */
async function manifestAt(archive: Archive, key: string): Promise<ListedManifest | Damage | undefined> {
  try {
    return await archive.manifest(key);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    return asDamage(error, key);
  }
}

async function damageOf(archive: Archive, { key, manifest }: ListedManifest): Promise<Damage | undefined> {
  try {
    await archive.verify(manifest);
    return undefined;
  } catch (error) {
    return asDamage(error, isMarqueeError(error, "OBJECT_NOT_FOUND") ? `${manifest.objectKey} of ${key}` : key);
  }
}

function asDamage(error: unknown, key: string): Damage {
  if (!isMarqueeError(error, "OBJECT_CORRUPT") && !isMarqueeError(error, "OBJECT_NOT_FOUND")) throw error;
  return { key, code: error.code, message: error.message };
}

function damageError(damaged: readonly Damage[], fetches: number): MarqueeError {
  const code = damaged.some((damage) => damage.code === "OBJECT_CORRUPT") ? "OBJECT_CORRUPT" : "OBJECT_NOT_FOUND";
  const [only] = damaged;
  const named = damaged.slice(0, NAMED).map(({ message }) => `\n- ${message}`);
  const more = damaged.length > NAMED ? `\n- and ${damaged.length - NAMED} more` : "";
  const message =
    damaged.length === 1 && only
      ? only.message
      : `${damaged.length} of ${fetches} fetches of the archive are damaged or missing:${named.join("")}${more}`;
  return new MarqueeError(code, message, { details: { damaged } });
}
