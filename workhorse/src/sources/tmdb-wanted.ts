import type { Queries, Transaction } from "@marquee/shared/backing/postgres/database";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { ListedFilm } from "./tmdb-lists.ts";

/** A film whose details are to be fetched. */
export interface WantedFilm {
  tmdbId: TmdbId;
  /** Hash of its entry in discover's list; null where something else named it. */
  sha256: string | null;
  /** What named it: a list or changes, with its days. */
  feed: string;
  /** false: known, but no longer in TMDB's list of ids. */
  listed: boolean;
}

interface Feed {
  feed: string;
  /** Whether known and unchanged films are wanted too. */
  anew: boolean;
}

/** Fewer missing films than this are asked for one by one, whatever their share. */
const MISSING_FILMS = 1_000;
const MISSING_SHARE = 0.05;

/** Of a page of discover: films that are new, or whose entry says something else than when their details were fetched. */
export async function wantListed(tx: Transaction, { feed, anew }: Feed, films: readonly ListedFilm[]): Promise<void> {
  const rows = films.map(({ id, ...entry }) => ({ tmdb_id: id, sha256: sha256(canonicalJson(entry)) }));
  await tx.execute(
    `with listed as (
       select distinct on (tmdb_id) tmdb_id, sha256 from jsonb_to_recordset($1::jsonb) as r(tmdb_id integer, sha256 text)
     ), noted as (
       -- Fetched because another list named it: what this one says of it is only noted.
       update tmdb_listings l set sha256 = r.sha256 from listed r
       where l.tmdb_id = r.tmdb_id and l.sha256 is null and not $3::boolean
     )
     insert into tmdb_wanted as w (tmdb_id, sha256, feed, listed)
     select r.tmdb_id, r.sha256, $2, true from listed r left join tmdb_listings l using (tmdb_id)
     where $3 or l.tmdb_id is null or l.sha256 <> r.sha256
     on conflict (tmdb_id) do update set sha256 = excluded.sha256, listed = true`,
    [JSON.stringify(rows), feed, anew],
  );
}

/**
 * Of changes: films whose details we have from before the end of the day in question, or from a time to come, which a
 * clock that was ahead has noted.
 */
export async function wantChanged(
  tx: Transaction,
  { feed, ids, changedBefore, now }: { feed: string; ids: readonly number[]; changedBefore: Date; now: Date },
): Promise<void> {
  await tx.execute(
    `insert into tmdb_wanted (tmdb_id, feed, listed)
     select l.tmdb_id, $2, l.listed from tmdb_listings l where l.tmdb_id = any($1) and (l.fetched_at < $3 or l.fetched_at > $4)
     on conflict (tmdb_id) do nothing`,
    [ids, feed, changedBefore, now],
  );
}

/** When the oldest details were fetched that we have: no change from before is of interest. */
export async function oldestFetch(database: Queries): Promise<Date | undefined> {
  const [row] = await database.query<{ at: Date | null }>("select min(fetched_at) as at from tmdb_listings");
  return row?.at ?? undefined;
}

/** The film that TMDB answered last and that nobody waits for. */
export async function answeredFilm(database: Queries): Promise<TmdbId | undefined> {
  const [row] = await database.query<{ tmdbId: TmdbId }>(
    `select l.tmdb_id as "tmdbId" from tmdb_listings l
     where not exists (select from tmdb_wanted w where w.tmdb_id = l.tmdb_id) order by l.fetched_at desc limit 1`,
  );
  return row?.tmdbId;
}

/**
 * Of a whole list of ids: films that are new there, and known ones that are gone from it.
 * @param ids lines of one id each, for COPY
 * @returns films listed, and `missing`: how many known films are gone from the list where they are so many that the list
 * is to blame; they are not wanted then
 */
export async function wantExported(
  tx: Transaction,
  { feed, anew }: Feed,
  ids: AsyncIterable<string>,
): Promise<{ listed: number; missing: number }> {
  await tx.execute("create temporary table tmdb_listed (tmdb_id integer) on commit drop");
  const listed = await tx.copyFrom("copy tmdb_listed from stdin", ids);
  await tx.execute("analyze tmdb_listed");
  const isNew = "not exists (select from tmdb_listings l where l.tmdb_id = e.tmdb_id)";
  await tx.execute(
    `insert into tmdb_wanted as w (tmdb_id, feed, listed)
     select distinct e.tmdb_id, $1, true from tmdb_listed e ${anew ? "" : `where ${isNew}`}
     on conflict (tmdb_id) do update set listed = true where not w.listed`,
    [feed],
  );
  await tx.execute(
    `update tmdb_listings l set listed = true
     where not l.listed and exists (select from tmdb_listed e where e.tmdb_id = l.tmdb_id)`,
  );
  // Alone in its where clause it is a join of two million rows; in an aggregate's filter it is a search for each.
  const missing = "l.listed and not exists (select from tmdb_listed e where e.tmdb_id = l.tmdb_id)";
  const films = await countOf(tx, `select count(*)::int as n from tmdb_listings l where ${missing}`);
  const known = await countOf(tx, "select count(*)::int as n from tmdb_listings");
  if (films > Math.max(MISSING_FILMS, MISSING_SHARE * known)) return { listed, missing: films };
  await tx.execute(
    `insert into tmdb_wanted (tmdb_id, feed, listed) select l.tmdb_id, $1, false from tmdb_listings l where ${missing}
     on conflict (tmdb_id) do update set listed = false`,
    [feed],
  );
  return { listed, missing: 0 };
}

async function countOf(database: Queries, sql: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(sql);
  return row?.n ?? 0;
}

/**
 * The next to be fetched, by id; those that failed in this collection are left out.
 * @param after only higher ids: what was deleted before them is still to be passed over otherwise
 */
export async function nextWanted(database: Queries, after: number, limit: number): Promise<WantedFilm[]> {
  return database.query<WantedFilm>(
    `select tmdb_id as "tmdbId", sha256, feed, listed from tmdb_wanted
     where failed_at is null and tmdb_id > $1 order by tmdb_id limit $2`,
    [after, limit],
  );
}

/** Films that are still to be fetched, and those that failed. */
export async function countWanted(database: Queries): Promise<{ waiting: number; failed: number }> {
  const [row] = await database.query<{ waiting: number; failed: number }>(
    `select count(*) filter (where failed_at is null)::int as waiting, count(failed_at)::int as failed from tmdb_wanted`,
  );
  return row ?? { waiting: 0, failed: 0 };
}

/** A new collection tries again what failed in the last. */
export async function forgetFailures(database: Queries): Promise<void> {
  await database.execute("update tmdb_wanted set failed_at = null where failed_at is not null");
}

export interface FetchedFilms {
  /** Their details are in the archive. */
  fetched: readonly WantedFilm[];
  /** TMDB has deleted them, which is in the archive too. */
  gone: readonly WantedFilm[];
  /** There was no answer, though there were others. */
  failed: readonly WantedFilm[];
}

/** @param begunAt when the first of them was asked for */
export async function noteFetched(
  tx: Transaction,
  { fetched, gone, failed }: FetchedFilms,
  begunAt: Date,
): Promise<void> {
  const idsOf = (films: readonly WantedFilm[]): number[] => films.map(({ tmdbId }) => tmdbId);
  await tx.execute(
    `insert into tmdb_listings as l (tmdb_id, sha256, listed, fetched_at)
     select r."tmdbId", r.sha256, r.listed, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as r("tmdbId" integer, sha256 text, listed boolean)
     on conflict (tmdb_id) do update set
       sha256 = coalesce(excluded.sha256, l.sha256), listed = excluded.listed, fetched_at = excluded.fetched_at`,
    [JSON.stringify(fetched), begunAt],
  );
  // Listed again one day, it is new.
  await tx.execute("delete from tmdb_listings where tmdb_id = any($1)", [idsOf(gone)]);
  await tx.execute("delete from tmdb_wanted where tmdb_id = any($1)", [idsOf([...fetched, ...gone])]);
  await tx.execute("update tmdb_wanted set failed_at = $2 where tmdb_id = any($1)", [idsOf(failed), begunAt]);
}
