import type { Instant } from "@marquee/shared/contracts/time";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { sha256 } from "@marquee/shared/service/ids";
import { inParallel } from "@marquee/shared/service/in-parallel";
import type { Archive, ListedManifest } from "../archive/archive.ts";
import { manifestPrefix } from "../archive/manifest.ts";
import { YEAR_CONFLICT } from "./cross-check.ts";
import { compareStamps } from "./fetched-film.ts";
import type { LoadContext } from "./imdb-gated-load.ts";
import { writeBodies } from "./load-tmdb.ts";
import { type Fetch, readFetch } from "./read-fetch.ts";
import type { Replayed } from "./replayed.ts";
import { parseTmdbMovie } from "./tmdb-movie.ts";

/** Manifests read at a time. */
const READS_AT_ONCE = 16;

/** A refused body; years that cannot both be right are for linking to decide. */
interface TmdbRow {
  source_id: string;
  reason: string;
  manifest_key: string | null;
}

/** Films of the quarantine in one fetch. */
interface Attempt {
  fetch: Fetch;
  /** Gathers `source_id reason` of what is refused again. */
  still: Set<string>;
}

/**
 * Tries films of the quarantine again in every fetch that had a refused body, oldest first, each in a transaction: what
 * passes says what a rebuild would take of it too, of names and ratings, where a later body says the rest. Rows leave
 * at the end, so that what is interrupted is tried again.
 */
export async function replayTmdb(
  context: LoadContext,
  archive: Archive,
  reason: string | undefined,
): Promise<Replayed> {
  const { database, signal, onProgress } = context;
  const rows = await database.query<TmdbRow>(
    `select source_id, reason, manifest_key from quarantine
     where source = 'tmdb' and reason <> $1 and ($2::text is null or reason = $2)`,
    [YEAR_CONFLICT, reason ?? null],
  );
  if (rows.length === 0) return { tried: 0, passed: 0 };
  const before = await countRefused(context);
  const wanted = new Set(rows.map(({ source_id }) => source_id));
  const still = new Set<string>();
  const read = new Set<string>();
  const fetches = await fetchesWithRefused(context, archive);
  for (const [i, listed] of fetches.entries()) {
    signal.throwIfAborted();
    const fetch = await whereThere(readFetch(archive, listed, wanted));
    if (fetch !== undefined) {
      await attempt(context, { fetch, still });
      read.add(listed.key);
    }
    onProgress({ done: i + 1, total: fetches.length, unit: "fetches with refused bodies" });
  }
  for (const row of rows)
    if (row.manifest_key === null || !read.has(row.manifest_key))
      await attempt(context, { fetch: await fetchOf(context, row), still });
  await removePassed(context, rows, still);
  return { tried: rows.length, passed: before - (await countRefused(context)) };
}

/** Those that retention has removed are not there any more. */
async function fetchesWithRefused({ database }: LoadContext, archive: Archive): Promise<ListedManifest[]> {
  const keys = await database.query<{ manifest_key: string }>(
    `select manifest_key from archive_loads where rows_quarantined > 0 and starts_with(manifest_key, $1)
     union select manifest_key from quarantine where source = 'tmdb' and reason <> $2 and manifest_key is not null`,
    [manifestPrefix("tmdb"), YEAR_CONFLICT],
  );
  const fetches = await inParallel(keys, READS_AT_ONCE, ({ manifest_key: key }) => whereThere(archive.manifest(key)));
  const stamp = ({ key, manifest }: ListedManifest) => ({ observedAt: manifest.observedAt, manifestKey: key });
  return fetches.filter((fetch) => fetch !== undefined).sort((a, b) => compareStamps(stamp(a), stamp(b)));
}

async function whereThere<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isMarqueeError(error, "OBJECT_NOT_FOUND")) return undefined;
    throw error;
  }
}

async function attempt({ database, clock, signal }: LoadContext, { fetch, still }: Attempt): Promise<void> {
  signal.throwIfAborted();
  if (fetch.films.length + fetch.deleted.length + fetch.refused.length === 0) return;
  await database.transaction((tx) => writeBodies(tx, [fetch], clock.now()));
  for (const { sourceId, reason } of fetch.refused) still.add(`${sourceId} ${reason}`);
}

/** A body as the quarantine has it, as if it had been fetched when it was refused last. */
async function fetchOf({ database }: LoadContext, row: TmdbRow): Promise<Fetch> {
  const { source_id: sourceId, reason } = row;
  const manifestKey = row.manifest_key ?? "";
  const fetch: Fetch = { manifestKey, films: [], deleted: [], refused: [], bodies: [] };
  const [kept] = await database.query<{ payload: unknown; last_seen: Date }>(
    "select payload, last_seen from quarantine where source = 'tmdb' and source_id = $1 and reason = $2",
    [sourceId, reason],
  );
  if (kept === undefined) return fetch;
  const body = typeof kept.payload === "string" ? kept.payload : JSON.stringify(kept.payload);
  const result = parseTmdbMovie({ path: sourceId, body });
  const observedAt = kept.last_seen.toISOString() as Instant;
  if ("movie" in result)
    fetch.films.push({ movie: result.movie, payloadSha256: sha256(body), observedAt, manifestKey });
  else if ("refused" in result) fetch.refused.push({ ...result.refused, sourceId });
  return fetch;
}

/** A body that is refused for another reason now has its row under that. */
async function removePassed(
  { database }: LoadContext,
  rows: readonly TmdbRow[],
  still: ReadonlySet<string>,
): Promise<void> {
  const passed = rows.filter((row) => !still.has(`${row.source_id} ${row.reason}`));
  await database.execute(
    `delete from quarantine q using unnest($1::text[], $2::text[]) as r(source_id, reason)
     where q.source = 'tmdb' and (q.source_id, q.reason) = (r.source_id, r.reason)`,
    [passed.map((row) => row.source_id), passed.map((row) => row.reason)],
  );
}

async function countRefused({ database }: LoadContext): Promise<number> {
  const [row] = await database.query<{ rows: number }>(
    "select count(*)::integer as rows from quarantine where source = 'tmdb' and reason <> $1",
    [YEAR_CONFLICT],
  );
  return row?.rows ?? 0;
}
