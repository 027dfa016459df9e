import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { MovieRows } from "./movie-rows.ts";

/**
 * Writes films with everything that hangs on them. A film whose body is unchanged is left alone; a changed one has its
 * lists replaced, since TMDB removes credits too.
 * @returns the number of films that are new or changed
 */
export async function writeMovies(tx: Transaction, rows: MovieRows): Promise<number> {
  await upsertNames(tx, rows);
  const changed = await tx.query<{ tmdb_id: number }>(UPSERT_MOVIES, [JSON.stringify(rows.movies)]);
  const ids = new Set(changed.map(({ tmdb_id }) => tmdb_id));
  if (ids.size === 0) return 0;
  const list = [...ids];
  const of = <Row extends { tmdb_id: number }>(table: readonly Row[]) =>
    JSON.stringify(table.filter(({ tmdb_id }) => ids.has(tmdb_id)));
  await tx.execute("delete from movie_genres where tmdb_id = any($1)", [list]);
  await tx.execute("delete from credits where tmdb_id = any($1)", [list]);
  await tx.execute("delete from movie_companies where tmdb_id = any($1)", [list]);
  await tx.execute(
    "insert into movie_genres select * from jsonb_to_recordset($1::jsonb) as r(tmdb_id integer, genre_id integer)",
    [of(rows.movie_genres)],
  );
  await tx.execute(
    `insert into credits select * from jsonb_to_recordset($1::jsonb)
       as r(tmdb_id integer, credit_id text, person_id integer, department text, job text, billing integer)`,
    [of(rows.credits)],
  );
  await tx.execute(
    "insert into movie_companies select * from jsonb_to_recordset($1::jsonb) as r(tmdb_id integer, company_id integer, position integer)",
    [of(rows.movie_companies)],
  );
  return ids.size;
}

const UPSERT_MOVIES = `
  insert into movies (tmdb_id, imdb_id, title, original_title, original_language, release_date, status, runtime_minutes,
                      budget_usd, revenue_usd, overview, tagline, collection_id, payload_sha256)
  select r.* from jsonb_to_recordset($1::jsonb) as r(
    tmdb_id integer, imdb_id text, title text, original_title text, original_language text, release_date date, status text,
    runtime_minutes integer, budget_usd bigint, revenue_usd bigint, overview text, tagline text, collection_id integer,
    payload_sha256 text)
  on conflict (tmdb_id) do update set
    imdb_id = excluded.imdb_id, title = excluded.title, original_title = excluded.original_title,
    original_language = excluded.original_language, release_date = excluded.release_date, status = excluded.status,
    runtime_minutes = excluded.runtime_minutes, budget_usd = excluded.budget_usd, revenue_usd = excluded.revenue_usd,
    overview = excluded.overview, tagline = excluded.tagline, collection_id = excluded.collection_id,
    payload_sha256 = excluded.payload_sha256
  where movies.payload_sha256 <> excluded.payload_sha256
  returning tmdb_id`;

async function upsertNames(tx: Transaction, rows: MovieRows): Promise<void> {
  for (const [table, key, list] of [
    ["collections", "collection_id", rows.collections],
    ["people", "person_id", rows.people],
    ["companies", "company_id", rows.companies],
  ] as const) {
    await tx.execute(
      `insert into ${table} (${key}, name)
       select r.* from jsonb_to_recordset($1::jsonb) as r(${key} integer, name text)
       on conflict (${key}) do update set name = excluded.name where ${table}.name <> excluded.name`,
      [JSON.stringify(list)],
    );
  }
}
