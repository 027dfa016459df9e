import type { TaskContext } from "../tasks/task-context.ts";

/** The quarantine's reason for a film whose release years at the two sources cannot both be right. */
export const YEAR_CONFLICT = "release_year_conflict";

/**
 * Puts the films that have no place in time into the quarantine, both years in the detail, and takes out those whose
 * years agree by now. They stay in the catalog, where their conflict keeps them out of features: what TMDB mends is
 * mended by its next body.
 * @returns how many films came into the quarantine or left it
 */
export async function crossCheck({ database, clock }: TaskContext): Promise<number> {
  return database.transaction(async (tx) => {
    const mended = await tx.execute(
      `delete from quarantine q where source = 'tmdb' and reason = $1 and not exists (
         select from link_conflicts c where c.kind = 'year' and c.tmdb_id::text = q.source_id)`,
      [YEAR_CONFLICT],
    );
    const found = await tx.execute(
      `insert into quarantine as q (source, source_id, reason, detail, payload, manifest_key, first_seen, last_seen)
       select 'tmdb', c.tmdb_id::text, $1, c.detail, to_jsonb(m), m.manifest_key, $2, $2
       from link_conflicts c join movies m using (tmdb_id) where c.kind = 'year'
       on conflict (source, source_id, reason) do update set
         detail = excluded.detail, payload = excluded.payload, manifest_key = excluded.manifest_key,
         last_seen = excluded.last_seen, times_seen = q.times_seen + 1
       where q.detail <> excluded.detail`,
      [YEAR_CONFLICT, clock.now()],
    );
    return mended + found;
  });
}
