import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { copyChunks, copyLine } from "./copy-line.ts";
import type { FetchedFilm } from "./fetched-film.ts";

/** What TMDB's own users gave a film, as seen on a day. */
export interface TmdbRating {
  /** YYYY-MM-DD */
  observedOn: string;
  /** From 0 to 10. */
  average: number;
  votes: number;
}

/** What a film's observations become by new ones. */
export interface RatingChange {
  added: TmdbRating[];
  /** Days of rows that say no more than the row before them says now. */
  removed: string[];
}

/**
 * Takes observations into a film's. A row is what TMDB said from its day on, so one that says what the row before it
 * says is none; of a day the first counts. One that comes late makes what the next row said unnecessary or not.
 * @param known ascending by day: the last row up to the first new one's day, and all after it
 * @param seen in the order of fetching
 */
export function takeRatings(known: readonly TmdbRating[], seen: readonly TmdbRating[]): RatingChange {
  const series = [...known];
  for (const rating of seen) {
    const place = series.findLastIndex(({ observedOn }) => observedOn <= rating.observedOn);
    const before = series[place];
    if (before && (before.observedOn === rating.observedOn || saysTheSame(before, rating))) continue;
    const after = series[place + 1];
    series.splice(place + 1, after && saysTheSame(after, rating) ? 1 : 0, rating);
  }
  const old = new Set(known);
  const kept = new Set(series);
  return {
    added: series.filter((rating) => !old.has(rating)),
    removed: known.filter((rating) => !kept.has(rating)).map(({ observedOn }) => observedOn),
  };
}

/** The column is a real. */
function saysTheSame(a: TmdbRating, b: TmdbRating): boolean {
  return a.votes === b.votes && Math.fround(a.average) === Math.fround(b.average);
}

/** A film without votes has no rating. */
export function tmdbRating({ movie, observedAt }: FetchedFilm): TmdbRating | undefined {
  if (!movie.vote_count || typeof movie.vote_average !== "number") return undefined;
  return { observedOn: observedAt.slice(0, 10), average: movie.vote_average, votes: movie.vote_count };
}

/** @param films in the order of their fetching */
export async function writeTmdbRatings(tx: Transaction, films: readonly FetchedFilm[]): Promise<void> {
  const seen = new Map<number, TmdbRating[]>();
  for (const film of films) {
    const rating = tmdbRating(film);
    if (rating) seen.set(film.movie.id, [...(seen.get(film.movie.id) ?? []), rating]);
  }
  if (seen.size === 0) return;
  const known = await knownRatings(tx, seen);
  const changes = [...seen].map(([tmdbId, ratings]) => ({ tmdbId, ...takeRatings(known.get(tmdbId) ?? [], ratings) }));
  const removed = changes.flatMap(({ tmdbId, removed: days }) => days.map((day) => ({ tmdbId, day })));
  if (removed.length > 0)
    await tx.execute(
      `delete from tmdb_ratings r using unnest($1::integer[], $2::date[]) as gone(tmdb_id, observed_on)
       where (r.tmdb_id, r.observed_on) = (gone.tmdb_id, gone.observed_on)`,
      [removed.map(({ tmdbId }) => tmdbId), removed.map(({ day }) => day)],
    );
  const lines = changes.flatMap(({ tmdbId, added }) =>
    added.map(({ observedOn, average, votes }) => copyLine([tmdbId, observedOn, average, votes])),
  );
  await tx.copyFrom("copy tmdb_ratings (tmdb_id, observed_on, average, votes) from stdin", copyChunks(lines));
}

/** Of each film what `takeRatings` needs: mostly its latest row alone. */
async function knownRatings(
  tx: Transaction,
  seen: ReadonlyMap<number, readonly TmdbRating[]>,
): Promise<Map<number, TmdbRating[]>> {
  const rows = await tx.query<{ tmdb_id: number; observed_on: string; average: number; votes: number }>(
    `select r.tmdb_id, r.observed_on, r.average, r.votes
     from unnest($1::integer[], $2::date[]) as wanted(tmdb_id, from_day)
     join tmdb_ratings r using (tmdb_id)
     where r.observed_on >= coalesce(
       (select max(b.observed_on) from tmdb_ratings b where b.tmdb_id = wanted.tmdb_id and b.observed_on <= wanted.from_day),
       '-infinity')
     order by r.tmdb_id, r.observed_on`,
    [[...seen.keys()], [...seen.values()].map((ratings) => ratings.map(({ observedOn }) => observedOn).sort()[0])],
  );
  const known = new Map<number, TmdbRating[]>();
  for (const { tmdb_id: tmdbId, observed_on: observedOn, average, votes } of rows) {
    const ofFilm = known.get(tmdbId) ?? [];
    ofFilm.push({ observedOn, average, votes });
    known.set(tmdbId, ofFilm);
  }
  return known;
}
