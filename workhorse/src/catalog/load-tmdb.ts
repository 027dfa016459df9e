import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { inParallel } from "@marquee/shared/service/in-parallel";
import type { Archive, ListedManifest } from "../archive/archive.ts";
import { recordFields } from "../data-quality/field-drift.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { compareStamps } from "./fetched-film.ts";
import { quarantine } from "./quarantine.ts";
import { type Fetch, readFetch } from "./read-fetch.ts";
import { writeTmdbRatings } from "./tmdb-ratings.ts";
import { markDeleted, writeMovies } from "./write-movies.ts";

/** Bodies of one transaction: some 20,000 credits, and as many more are read meanwhile. */
const BODIES_PER_TRANSACTION = 400;
/** Fetches read at a time: an object store answers in 10 ms, and has many at once. */
const READS_AT_ONCE = 16;

interface Counts {
  films: number;
  changed: number;
  deleted: number;
  refused: number;
}

/**
 * Takes every TMDB fetch of the archive that is not in the catalog yet, in the order of their fetching. Rows and the
 * note that they are loaded are one transaction: killed at any moment, nothing is twice and nothing is missing.
 */
export async function loadTmdb(context: TaskContext, archive: Archive): Promise<TaskResult> {
  const groups = inGroups(await pendingFetches(context, archive));
  const total = filmsOf(groups.flat());
  const counts: Counts = { films: 0, changed: 0, deleted: 0, refused: 0 };
  let done = 0;
  let next = readGroup(archive, groups[0]);
  for (const i of groups.keys()) {
    context.signal.throwIfAborted();
    const fetches = await next;
    next = readGroup(archive, groups[i + 1]);
    // Whoever awaits it is told; until then a failed write must not make its error one that nobody handles.
    next.catch(() => undefined);
    const added = await writeFetches(context, fetches);
    for (const name of ["films", "changed", "deleted", "refused"] as const) counts[name] += added[name];
    done += filmsOf(groups[i] ?? []);
    context.onProgress({ done, total, unit: "films" });
  }
  return {
    rowsIn: counts.films + counts.refused,
    rowsOut: counts.changed + counts.deleted,
    detail: { ...counts },
  };
}

async function pendingFetches({ database }: TaskContext, archive: Archive): Promise<ListedManifest[]> {
  const rows = await database.query<{ manifest_key: string }>("select manifest_key from archive_loads");
  const loaded = new Set(rows.map(({ manifest_key }) => manifest_key));
  const pending = await archive.pending("tmdb", (key) => loaded.has(key));
  const stamp = ({ key, manifest }: ListedManifest) => ({ observedAt: manifest.observedAt, manifestKey: key });
  return pending.sort((a, b) => compareStamps(stamp(a), stamp(b)));
}

/** TMDB's list of ids has a row for each of a million films, and nothing for the catalog. */
function filmsOf(fetches: readonly ListedManifest[]): number {
  return fetches.reduce((sum, { manifest }) => sum + (manifest.form === "bodies" ? (manifest.rows ?? 0) : 0), 0);
}

/** Fetches differ in size: a group has as many as make up a transaction's bodies, and at least one. */
function inGroups(fetches: readonly ListedManifest[]): ListedManifest[][] {
  const groups: ListedManifest[][] = [];
  let room = 0;
  for (const fetch of fetches) {
    const rows = fetch.manifest.rows ?? BODIES_PER_TRANSACTION;
    if (rows > room) {
      groups.push([]);
      room = BODIES_PER_TRANSACTION;
    }
    groups.at(-1)?.push(fetch);
    room -= rows;
  }
  return groups;
}

function readGroup(archive: Archive, group: readonly ListedManifest[] = []): Promise<Fetch[]> {
  return inParallel(group, READS_AT_ONCE, (listed) => readFetch(archive, listed));
}

async function writeFetches({ database, clock }: TaskContext, fetches: readonly Fetch[]): Promise<Counts> {
  const now = clock.now();
  return database.transaction(async (tx) => {
    const counts = await writeBodies(tx, fetches, now);
    await recordFields(
      tx,
      "tmdb",
      fetches.flatMap(({ bodies }) => bodies),
      now,
    );
    await noteLoaded(tx, fetches, now);
    return counts;
  });
}

/** What the fetches say, into the catalog. */
export async function writeBodies(tx: Transaction, fetches: readonly Fetch[], now: Date): Promise<Counts> {
  const films = fetches.flatMap((fetch) => fetch.films);
  const changed = await writeMovies(tx, films);
  const deleted = await markDeleted(
    tx,
    fetches.flatMap((fetch) => fetch.deleted),
    films,
  );
  await writeTmdbRatings(tx, films);
  for (const { manifestKey, refused } of fetches) await quarantine(tx, "tmdb", refused, now, manifestKey);
  return {
    films: films.length,
    changed,
    deleted,
    refused: fetches.reduce((sum, { refused }) => sum + refused.length, 0),
  };
}

async function noteLoaded(tx: Transaction, fetches: readonly Fetch[], now: Date): Promise<void> {
  const counted = fetches.map(({ films, deleted, refused }) => films.length + deleted.length + refused.length);
  await tx.execute(
    `insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at)
     select r.*, $5 from unnest($1::text[], $2::integer[], $3::integer[], $4::integer[]) as r`,
    [
      fetches.map(({ manifestKey }) => manifestKey),
      counted,
      fetches.map(({ refused }, i) => (counted[i] ?? 0) - refused.length),
      fetches.map(({ refused }) => refused.length),
      now,
    ],
  );
}
