import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { sha256 } from "@marquee/shared/service/ids";
import type { Archive, Manifest } from "../archive/archive.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { type LoadedMovie, movieRows, tmdbRatingRows } from "./movie-rows.ts";
import { quarantine } from "./quarantine.ts";
import { parseTmdbMovie, type Refused } from "./tmdb-movie.ts";
import { writeMovies } from "./write-movies.ts";

/** Fetches loaded in one transaction: about 400 films, some 20,000 credits. */
const FETCHES_PER_TRANSACTION = 20;

interface PendingFetch {
  key: string;
  manifest: Manifest;
}

/**
 * Takes every TMDB fetch of the archive that is not in the catalog yet, in the order of their fetching. Rows and the
 * note that they are loaded are one transaction: killed at any moment, nothing is twice and nothing is missing.
 */
export async function loadTmdb(context: TaskContext, archive: Archive): Promise<TaskResult> {
  const pending = await pendingFetches(context, archive);
  const total = pending.reduce((sum, { manifest }) => sum + Math.max(0, (manifest.rows ?? 0) - 1), 0);
  let done = 0;
  let changed = 0;
  let refused = 0;
  for (let i = 0; i < pending.length; i += FETCHES_PER_TRANSACTION) {
    context.signal.throwIfAborted();
    const result = await loadFetches(context, archive, pending.slice(i, i + FETCHES_PER_TRANSACTION));
    done += result.films;
    changed += result.changed;
    refused += result.refused;
    context.onProgress({ done, total, unit: "films" });
  }
  return { rowsIn: done, rowsOut: changed, detail: { films: done, changed, refused } };
}

async function pendingFetches({ database }: TaskContext, archive: Archive): Promise<PendingFetch[]> {
  const rows = await database.query<{ manifest_key: string }>("select manifest_key from archive_loads");
  const loaded = new Set(rows.map(({ manifest_key }) => manifest_key));
  const pending: PendingFetch[] = [];
  for await (const fetch of archive.manifests("tmdb")) if (!loaded.has(fetch.key)) pending.push(fetch);
  return pending;
}

async function loadFetches(
  { database, clock }: TaskContext,
  archive: Archive,
  fetches: readonly PendingFetch[],
): Promise<{ films: number; changed: number; refused: number }> {
  const read = await Promise.all(fetches.map(({ manifest }) => readFetch(archive, manifest)));
  const films = read.flatMap((fetch) => fetch.films);
  const refused = read.flatMap((fetch) => fetch.refused);
  const now = clock.now();
  const changed = await database.transaction(async (tx) => {
    const count = await writeMovies(tx, movieRows(films));
    await tx.execute(
      `insert into ratings (source, source_id, observed_on, average, votes)
       select 'tmdb', r.* from jsonb_to_recordset($1::jsonb) as r(source_id text, observed_on date, average numeric, votes integer)
       on conflict do nothing`,
      [JSON.stringify(tmdbRatingRows(films))],
    );
    await quarantine(tx, "tmdb", refused, now);
    for (const [i, { key }] of fetches.entries()) {
      const { films: own, refused: bad } = read[i] ?? { films: [], refused: [] };
      await tx.execute(
        "insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at) values ($1, $2, $3, $4, $5)",
        [key, own.length + bad.length, own.length, bad.length, now],
      );
    }
    return count;
  });
  return { films: films.length, changed, refused: refused.length };
}

async function readFetch(archive: Archive, manifest: Manifest): Promise<{ films: LoadedMovie[]; refused: Refused[] }> {
  const films: LoadedMovie[] = [];
  const refused: Refused[] = [];
  for (const { path, body } of await archive.readBodies(manifest)) {
    if (!path.startsWith("/movie/")) continue;
    const result = parseTmdbMovie(body, path);
    if ("movie" in result)
      films.push({ movie: result.movie, payloadSha256: sha256(body), observedAt: manifest.observedAt });
    else refused.push(result.refused);
  }
  return { films, refused };
}
