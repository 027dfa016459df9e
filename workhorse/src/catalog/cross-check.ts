import type { TaskContext } from "../tasks/task-context.ts";

/** The two sources may differ by festival year and wide release; by more than this one of them is wrong, in years. */
const MAX_YEARS_APART = 10;

/**
 * Compares what the two sources say of the same film. One whose release years cannot both be right has no place in
 * time, so it leaves the catalog for the quarantine, with both years in the reason.
 * @returns how many films were moved
 */
export async function crossCheck({ database, clock }: TaskContext): Promise<number> {
  return database.execute(
    `with conflict as (
       delete from movies m using imdb_titles t
       where t.imdb_id = m.imdb_id and abs(extract(year from m.release_date) - t.start_year) > $1
       returning m.*, t.start_year
     )
     insert into quarantine (source, source_id, reason, detail, payload, first_seen, last_seen)
     select 'tmdb', c.tmdb_id::text, 'release_year_conflict',
            format('TMDB says released %s, IMDb (%s) says %s', c.release_date, c.imdb_id, c.start_year),
            to_jsonb(c), $2, $2
     from conflict c
     on conflict (source, source_id, reason) do update set
       detail = excluded.detail, payload = excluded.payload, last_seen = excluded.last_seen`,
    [MAX_YEARS_APART, clock.now()],
  );
}
