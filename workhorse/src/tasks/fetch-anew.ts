import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { Damage } from "../archive/damage.ts";
import { readManifestKey } from "../archive/manifest.ts";
import { IMDB_FILES, type ImdbFile } from "../sources/imdb-client.ts";
import type { TaskContext } from "./task-context.ts";

/** What names the films in `tmdb_wanted` and in the manifests of the fetches that bring them. */
const FEED = "damaged in the archive";

/** What is to become of fetches that are taken out. */
export interface AnewFromSources {
  /** Films of TMDB that the next collection fetches. */
  films: number;
  /** Files of IMDb that the next collection fetches. */
  files: ImdbFile[];
  /** What no source can be asked for again. */
  lost: {
    /** Days whose answers of TMDB are gone, YYYY-MM-DD: what it says now takes their place. */
    tmdbDays: string[];
    /** Days of IMDb's ratings; the latest of them comes back where IMDb has that file still. */
    ratingDays: string[];
  };
}

/**
 * Forgets that these fetches were loaded, and has the next collection fetch what they held, in one transaction: films
 * whose row, deletion or place in quarantine came with one, and files of IMDb that no later fetch has brought.
 * @param keys of all of the archive's manifests
 */
export async function fetchAnew(
  { database }: TaskContext,
  damaged: readonly Damage[],
  keys: readonly string[],
): Promise<AnewFromSources> {
  const gone = new Set(damaged.map(({ key }) => key));
  const whole = keys.filter((key) => !gone.has(key)).map(readManifestKey);
  const ofImdb = damaged.filter(({ source }) => source === "imdb");
  const files = IMDB_FILES.filter((file) =>
    // Of one day nobody knows which came later.
    ofImdb.some((lost) => lost.name === file && !whole.some((kept) => kept.name === file && kept.day > lost.day)),
  );
  const films = await database.transaction(async (tx) => {
    const wanted = await wantFilms(tx, damaged);
    await forgetEtags(tx, files);
    await tx.execute("delete from archive_loads where manifest_key = any($1)", [[...gone]]);
    await tx.execute("delete from snapshot_loads where manifest_key = any($1)", [[...gone]]);
    return wanted;
  });
  const ratings = ofImdb.filter(({ name }) => name === "title.ratings");
  const batches = damaged.filter(({ source, name }) => source === "tmdb" && name !== "movie_ids");
  return {
    films,
    files,
    lost: {
      tmdbDays: daysOf(batches.map(({ day }) => day)),
      ratingDays: daysOf(ratings.map(({ day, observedAt }) => observedAt?.slice(0, 10) ?? day)),
    },
  };
}

function daysOf(days: readonly string[]): string[] {
  return [...new Set(days)].sort();
}

/**
 * Of a fetch that was not loaded the catalog knows nothing: of the ids in its name those are wanted that were fetched,
 * or are no more to be listed, and whose answer has not come to the catalog.
 */
async function wantFilms(tx: Transaction, damaged: readonly Damage[]): Promise<number> {
  const fetches = damaged.filter(({ source }) => source === "tmdb");
  if (fetches.length === 0) return 0;
  const ranges = fetches.map(({ key, name }) => ({ key, range: /^movies-(\d+)-(\d+)$/.exec(name) }));
  const [row] = await tx.query<{ films: number }>(
    `with unloaded as (
       select r.first_id, r.last_id from unnest($1::text[], $2::integer[], $3::integer[]) as r(manifest_key, first_id, last_id)
       where not exists (select from archive_loads a where a.manifest_key = r.manifest_key)
     ), held as (
       select tmdb_id from movies where manifest_key = any($1)
       union select tmdb_id from tmdb_deletions where manifest_key = any($1)
       union select source_id::integer from quarantine
         where source = 'tmdb' and manifest_key = any($1) and source_id ~ '^[1-9][0-9]{0,8}$'
       union select l.tmdb_id from unloaded u join tmdb_listings l on l.tmdb_id between u.first_id and u.last_id
         where not exists (select from movies m where m.tmdb_id = l.tmdb_id and m.fetched_at >= l.fetched_at)
       union select m.tmdb_id from unloaded u join movies m on m.tmdb_id between u.first_id and u.last_id
         where m.deleted_at is null and not exists (select from tmdb_listings l where l.tmdb_id = m.tmdb_id)
     ), wanted as (
       insert into tmdb_wanted (tmdb_id, feed, listed)
       select h.tmdb_id, $4, coalesce(l.listed, d.tmdb_id is null)
       from held h left join tmdb_listings l using (tmdb_id) left join tmdb_deletions d using (tmdb_id)
       on conflict (tmdb_id) do nothing
     )
     select count(*)::integer as films from held`,
    [
      fetches.map(({ key }) => key),
      ranges.map(({ range }) => (range ? Number(range[1]) : null)),
      ranges.map(({ range }) => (range ? Number(range[2]) : null)),
      FEED,
    ],
  );
  return row?.films ?? 0;
}

async function forgetEtags(tx: Transaction, files: readonly ImdbFile[]): Promise<void> {
  await tx.execute(
    `update source_cursors set cursor = jsonb_set(cursor, '{etags}', (cursor -> 'etags') - $1::text[])
     where source = 'imdb' and cursor ? 'etags'`,
    [files],
  );
}
