import type { ListedManifest } from "../archive/manifest.ts";
import { IMDB_FILES, type ImdbFile } from "../sources/imdb-client.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { expireRatingHistory } from "./expire-rating-history.ts";
import { removeInBatches } from "./remove-in-batches.ts";

/** The tables that are made from each of IMDb's files. */
const TABLES_OF_FILE: Readonly<Record<ImdbFile, readonly string[]>> = {
  "title.ratings": ["imdb_ratings"],
  // Crew, principals and other titles go with the title.
  "title.basics": ["imdb_titles"],
  "title.crew": ["imdb_crew"],
  "title.principals": ["imdb_principals"],
  "title.akas": ["imdb_akas"],
  "title.episode": [],
  "name.basics": ["imdb_people"],
};

/**
 * Removes the history of IMDb's ratings from before `keptFrom`; all rows of a file that was fetched before and not since;
 * and has the files that come next fetched again by the next collection, even where IMDb's are still the same.
 * @returns rows removed, by table
 */
export async function expireImdbRows(
  context: TaskContext,
  { fetches, keptFrom, refetchedFrom }: { fetches: readonly ListedManifest[]; keptFrom: Date; refetchedFrom: Date },
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {
    imdb_ratings: await expireRatingHistory(context, "imdb_ratings", keptFrom),
    quarantine: await removeInBatches(context, {
      table: "quarantine",
      old: "source = 'imdb' and last_seen < $1",
      keptFrom,
    }),
  };
  const latest = new Map<string, number>();
  for (const { manifest } of fetches) {
    if (manifest.source === "imdb") latest.set(manifest.name, Date.parse(manifest.fetchedAt));
  }
  const before = (moment: Date) => IMDB_FILES.filter((file) => (latest.get(file) ?? Infinity) < moment.getTime());
  for (const file of before(keptFrom)) {
    for (const table of TABLES_OF_FILE[file]) {
      const all = { table, old: "$1::timestamptz is not null", keptFrom };
      removed[table] = (removed[table] ?? 0) + (await removeInBatches(context, all));
    }
  }
  await context.database.execute("delete from snapshot_loads where file = any($1)", [before(keptFrom)]);
  await context.database.execute(
    `update source_cursors set cursor = jsonb_set(cursor, '{etags}', (cursor -> 'etags') - $1::text[])
     where source = 'imdb' and cursor ? 'etags'`,
    [before(refetchedFrom)],
  );
  return removed;
}
