import type { Queries, Transaction } from "@marquee/shared/backing/postgres/database";
import type { Instant } from "@marquee/shared/contracts/time";
import { arrayLiteral, copyChunks, copyLine } from "./copy-line.ts";
import { compareStamps, type DeletedFilm, type FetchedFilm, type Stamp } from "./fetched-film.ts";
import { LISTS, MOVIE_COLUMNS, movieRow } from "./movie-rows.ts";
import { keepNamesOfOldBodies, writeNames } from "./write-names.ts";

/** What the catalog has of a film. */
interface KnownFilm extends Stamp {
  payloadSha256: string;
  deleted: boolean;
}

/**
 * Writes films with everything that hangs on them, by COPY. Whatever the order of loading, the body that was fetched
 * last counts; one that is unchanged is left alone, a changed one has its lists replaced, since TMDB removes credits too.
 * @param films in the order of their fetching
 * @returns the number of films that are new, changed or back from having been deleted
 */
export async function writeMovies(tx: Transaction, films: readonly FetchedFilm[]): Promise<number> {
  const latest = [...new Map(films.map((film) => [film.movie.id, film])).values()];
  const known = await knownFilms(
    tx,
    latest.map(({ movie }) => movie.id),
  );
  const current = latest.filter((film) => {
    const there = known.get(film.movie.id);
    return there === undefined || compareStamps(there, film) <= 0;
  });
  await writeNames(tx, films, new Set(current));
  const [same, changed] = partition(current, (film) => {
    const there = known.get(film.movie.id);
    return there !== undefined && !there.deleted && there.payloadSha256 === film.payloadSha256;
  });
  await moveStamps(tx, same);
  if (changed.length > 0) await replaceFilms(tx, changed, known);
  return changed.length;
}

/**
 * Remembers what TMDB says is gone, and marks those of these films whose newest body is older than that. They stay, since
 * ratings and predictions are of them.
 * @param films written before, of which it may be known already
 * @returns how many were not marked yet
 */
export async function markDeleted(
  tx: Transaction,
  deleted: readonly DeletedFilm[],
  films: readonly FetchedFilm[],
): Promise<number> {
  const latest = [...new Map(deleted.map((film) => [film.tmdbId, film])).values()];
  await tx.execute(
    `insert into tmdb_deletions as d (tmdb_id, observed_at, manifest_key)
     select * from unnest($1::integer[], $2::timestamptz[], $3::text[])
     on conflict (tmdb_id) do update set observed_at = excluded.observed_at, manifest_key = excluded.manifest_key
     where (excluded.observed_at, excluded.manifest_key collate "C") > (d.observed_at, d.manifest_key)`,
    columnsOf(latest),
  );
  // Of several answers of one load the first one tells the day.
  const after = (said: string) =>
    `(${said}.observed_at, ${said}.manifest_key collate "C") > (m.fetched_at, coalesce(m.manifest_key, ''))`;
  return tx.execute(
    `update movies m set deleted_at = coalesce((
       select min(r.observed_at) from unnest($2::integer[], $3::timestamptz[], $4::text[]) as r(tmdb_id, observed_at, manifest_key)
       where r.tmdb_id = m.tmdb_id and ${after("r")}), d.observed_at)
     from tmdb_deletions d
     where m.tmdb_id = any($1) and m.deleted_at is null and d.tmdb_id = m.tmdb_id and ${after("d")}`,
    [
      [...new Set([...latest.map(({ tmdbId }) => tmdbId), ...films.map(({ movie }) => movie.id)])],
      ...columnsOf(deleted),
    ],
  );
}

function columnsOf(deleted: readonly DeletedFilm[]): [number[], Instant[], string[]] {
  return [
    deleted.map(({ tmdbId }) => tmdbId),
    deleted.map(({ observedAt }) => observedAt),
    deleted.map(({ manifestKey }) => manifestKey),
  ];
}

async function knownFilms(queries: Queries, ids: readonly number[]): Promise<Map<number, KnownFilm>> {
  const rows = await queries.query<{
    tmdb_id: number;
    payload_sha256: string;
    manifest_key: string | null;
    fetched_at: Date;
    deleted: boolean;
  }>(
    `select tmdb_id, payload_sha256, manifest_key, fetched_at, deleted_at is not null as deleted
     from movies where tmdb_id = any($1)`,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row.tmdb_id,
      {
        payloadSha256: row.payload_sha256,
        observedAt: row.fetched_at.toISOString() as Instant,
        manifestKey: row.manifest_key ?? "",
        deleted: row.deleted,
      },
    ]),
  );
}

/**
 * An unchanged body is newer word all the same. What an earlier release did not keep of it is filled in: that release's
 * rows have the same body.
 */
async function moveStamps(tx: Transaction, films: readonly FetchedFilm[]): Promise<void> {
  await tx.execute(
    `update movies m
     set fetched_at = r.fetched_at, manifest_key = r.manifest_key, countries = r.countries::text[], keywords = r.keywords::text[]
     from unnest($1::integer[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
       as r(tmdb_id, fetched_at, manifest_key, countries, keywords)
     where m.tmdb_id = r.tmdb_id and (m.fetched_at, m.manifest_key, m.countries, m.keywords)
       is distinct from (r.fetched_at, r.manifest_key, r.countries::text[], r.keywords::text[])`,
    [
      films.map(({ movie }) => movie.id),
      films.map(({ observedAt }) => observedAt),
      films.map(({ manifestKey }) => manifestKey),
      films.map(({ movie }) => movie.production_countries && arrayLiteral(movie.production_countries)),
      films.map(({ movie }) => movie.keywords && arrayLiteral(movie.keywords)),
    ],
  );
}

async function replaceFilms(
  tx: Transaction,
  films: readonly FetchedFilm[],
  known: ReadonlyMap<number, KnownFilm>,
): Promise<void> {
  const there = films.filter(({ movie }) => known.has(movie.id));
  if (there.length > 0) await keepNamesOfOldBodies(tx, there);
  const columns = MOVIE_COLUMNS.join(", ");
  await tx.execute(`create temporary table staged_movies on commit drop as select ${columns} from movies limit 0`);
  await tx.copyFrom("copy staged_movies from stdin", copyChunks(films.map((film) => copyLine(movieRow(film)))));
  await tx.execute(
    `insert into movies (${columns}) select * from staged_movies
     on conflict (tmdb_id) do update set
       ${MOVIE_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}, deleted_at = null`,
  );
  const ids = there.map(({ movie }) => movie.id);
  for (const [table, list] of Object.entries(LISTS)) {
    if (ids.length > 0) await tx.execute(`delete from ${table} where tmdb_id = any($1)`, [ids]);
    const rows = films.flatMap(({ movie }) => list.rows(movie));
    await tx.copyFrom(`copy ${table} (${list.columns.join(", ")}) from stdin`, copyChunks(rows.map(copyLine)));
  }
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (belongs(item) ? yes : no).push(item);
  return [yes, no];
}
