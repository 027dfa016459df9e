import { dayOf } from "@marquee/shared/contracts/time";
import type { TaskContext } from "../tasks/task-context.ts";
import { expireRatingHistory } from "./expire-rating-history.ts";
import { removeInBatches } from "./remove-in-batches.ts";

/** Films of one statement: each takes some fifty credits with it. */
const FILMS_PER_BATCH = 200;

/** Of a film that is no more in the catalog, and a name that no film has any more. */
const REMNANTS = [
  { table: "people", unless: "credits c where c.person_id = people.person_id" },
  { table: "companies", unless: "movie_companies m where m.company_id = companies.company_id" },
  { table: "collections", unless: "movies m where m.collection_id = collections.collection_id" },
];

/**
 * Removes the films that were fetched from TMDB before `keptFrom` and not since, with all that hangs on them, and has
 * those that come next fetched again by the next collection.
 * @returns rows removed, by table; films take rows of other tables with them, which are not counted
 */
export async function expireTmdbRows(
  context: TaskContext,
  { keptFrom, refetchedFrom }: { keptFrom: Date; refetchedFrom: Date },
): Promise<Record<string, number>> {
  const remove = (table: string, old: string, batch?: number) =>
    removeInBatches(context, { table, old, keptFrom, ...(batch === undefined ? {} : { batch }) });
  const movies = await remove(
    "movies",
    `fetched_at < $1 and not exists (
       select from tmdb_listings l where l.tmdb_id = movies.tmdb_id and l.fetched_at >= $1)`,
    FILMS_PER_BATCH,
  );
  const history = await expireRatingHistory(context, "tmdb_ratings", keptFrom);
  const ratings = await remove(
    "tmdb_ratings",
    "observed_on < ($1::timestamptz at time zone 'UTC')::date and not exists (select from movies m where m.tmdb_id = tmdb_ratings.tmdb_id)",
  );
  const quarantine = await remove("quarantine", "source = 'tmdb' and last_seen < $1");
  const names: Record<string, number> = {};
  for (const { table, unless } of REMNANTS) {
    names[table] = await remove(table, `$1::timestamptz is not null and not exists (select from ${unless})`);
  }
  await wantAgain(context, refetchedFrom);
  await remove("tmdb_listings", "fetched_at < $1");
  return { movies, tmdb_ratings: history + ratings, quarantine, ...names };
}

/** The next collection fetches them, whatever its lists say. */
async function wantAgain({ database }: TaskContext, fetchedBefore: Date): Promise<void> {
  await database.execute(
    `insert into tmdb_wanted (tmdb_id, feed, listed)
     select tmdb_id, $2, listed from tmdb_listings where fetched_at < $1
     on conflict (tmdb_id) do nothing`,
    [fetchedBefore, `fetched before ${dayOf(fetchedBefore)}`],
  );
}
