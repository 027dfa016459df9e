import type { Queries, Transaction } from "@marquee/shared/backing/postgres/database";
import type { Archive } from "../archive/archive.ts";
import { isNamed, manifestPrefix } from "../archive/manifest.ts";
import type { ImdbFile } from "../sources/imdb-client.ts";
import type { LoadContext } from "./imdb-gated-load.ts";
import { loadImdb } from "./load-imdb.ts";
import type { Replayed } from "./replayed.ts";

const RATINGS = "title.ratings" satisfies ImdbFile;

interface ImdbRow {
  source_id: string;
  reason: string;
  manifest_key: string;
  times_seen: number;
}

/**
 * Loads the files anew that have lines in the quarantine: the notes that they are loaded go first, so that what is
 * interrupted here is done by the next load. A line has its row with the last file that had it; where one passes now,
 * the earlier files with refused ratings say what its title had on their days.
 */
export async function replayImdb(
  context: LoadContext,
  archive: Archive,
  reason: string | undefined,
): Promise<Replayed> {
  const { database } = context;
  const rows = await database.query<ImdbRow>(
    `select source_id, reason, manifest_key, times_seen from quarantine where source = 'imdb' and manifest_key in (
       select manifest_key from quarantine where source = 'imdb' and ($1::text is null or reason = $1))`,
    [reason ?? null],
  );
  if (rows.length === 0) return { tried: 0, passed: 0 };
  await database.transaction((tx) => forgetLoads(tx, [...new Set(rows.map(({ manifest_key }) => manifest_key))]));
  await loadImdb(context, archive);
  const { passed, again } = await database.transaction(async (tx) => {
    const left = await removePassed(tx, rows);
    const ratings = left.some(({ manifest_key }) => isNamed(manifest_key, RATINGS));
    return { passed: left, again: ratings && (await forgetEarlierRatings(tx)) };
  });
  if (again) await loadImdb(context, archive);
  return { tried: rows.length, passed: passed.length - (await countThere(database, passed)) };
}

/** What was refused again was seen once more. @returns the others, which have left */
function removePassed(tx: Transaction, rows: readonly ImdbRow[]): Promise<ImdbRow[]> {
  return tx.query(
    `delete from quarantine q using unnest($1::text[], $2::text[], $3::text[], $4::integer[]) as r(source_id, reason, manifest_key, times_seen)
     where q.source = 'imdb' and (q.source_id, q.reason, q.manifest_key, q.times_seen) = (r.source_id, r.reason, r.manifest_key, r.times_seen)
       and exists (select from archive_loads a where a.manifest_key = q.manifest_key and a.status = 'loaded')
     returning r.*`,
    [
      rows.map((row) => row.source_id),
      rows.map((row) => row.reason),
      rows.map((row) => row.manifest_key),
      rows.map((row) => row.times_seen),
    ],
  );
}

/** @returns whether there are any */
async function forgetEarlierRatings(tx: Transaction): Promise<boolean> {
  const loads = await tx.query<{ manifest_key: string }>(
    `select manifest_key from archive_loads
     where rows_quarantined > 0 and status = 'loaded' and starts_with(manifest_key, $1)`,
    [manifestPrefix("imdb")],
  );
  const keys = loads.map(({ manifest_key }) => manifest_key).filter((key) => isNamed(key, RATINGS));
  if (keys.length > 0) await forgetLoads(tx, keys);
  return keys.length > 0;
}

/** A title that passes now has credits in the other files, so all of those are read again. */
async function forgetLoads(tx: Transaction, keys: readonly string[]): Promise<void> {
  await tx.execute("delete from archive_loads where manifest_key = any($1) and status = 'loaded'", [keys]);
  if (keys.some((key) => !isNamed(key, RATINGS)))
    await tx.execute("delete from snapshot_loads where file <> $1", [RATINGS]);
}

/** How many of them are in the quarantine. */
async function countThere(queries: Queries, rows: readonly ImdbRow[]): Promise<number> {
  const [there] = await queries.query<{ rows: number }>(
    `select count(*)::integer as rows from quarantine
     where source = 'imdb' and (source_id, reason) in (select * from unnest($1::text[], $2::text[]))`,
    [rows.map((row) => row.source_id), rows.map((row) => row.reason)],
  );
  return there?.rows ?? 0;
}
