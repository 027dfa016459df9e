import type { TaskContext } from "../tasks/task-context.ts";

/** Titles of one statement: some 40,000 of IMDb's have ratings among a million numbers. */
const RANGES = {
  imdb_ratings: { id: "imdb_number", ids: 1_000_000 },
  tmdb_ratings: { id: "tmdb_id", ids: 50_000 },
} as const;

/**
 * Removes a source's ratings from before a day, but for the one of each title that held on that day: a rating counts
 * until the title's next one.
 * @returns rows removed
 */
export async function expireRatingHistory(
  { database, signal }: TaskContext,
  table: keyof typeof RANGES,
  keptFrom: Date,
): Promise<number> {
  const { id, ids } = RANGES[table];
  const [last] = await database.query<{ id: number | null }>(`select max(${id}) as id from ${table}`);
  let removed = 0;
  for (let from = 0; from <= (last?.id ?? -1); from += ids) {
    signal.throwIfAborted();
    removed += await database.execute(
      `delete from ${table} as old
       where ${id} >= $2 and ${id} < $3 and observed_on < $1::date and exists (
         select from ${table} as next
         where next.${id} = old.${id} and next.observed_on > old.observed_on and next.observed_on <= $1::date)`,
      [keptFrom.toISOString().slice(0, 10), from, from + ids],
    );
  }
  return removed;
}
