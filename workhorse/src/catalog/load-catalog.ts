import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive } from "../archive/archive.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { catalogHash } from "./catalog-hash.ts";
import { crossCheck } from "./cross-check.ts";
import { loadImdb } from "./load-imdb.ts";
import { loadTmdb } from "./load-tmdb.ts";

/** Brings the catalog up to the archive, then lets the two sources check each other. */
export async function loadCatalog(context: TaskContext, archive: Archive): Promise<TaskResult> {
  const tmdb = await loadTmdb(context, archive);
  const imdb = await loadImdb(context, archive);
  await crossCheck(context);
  const [counts] = await context.database.query<{ films: number; rated: number; ratings: number; quarantined: number }>(
    `select (select count(*) from movies)::integer as films,
            (select count(*) from movies m where exists (select from ratings r where r.source = 'imdb' and r.source_id = m.imdb_id))::integer as rated,
            (select count(*) from ratings)::integer as ratings,
            (select count(*) from quarantine)::integer as quarantined`,
  );
  return {
    rowsIn: tmdb.rowsIn + imdb.rowsIn,
    rowsOut: counts?.films ?? 0,
    detail: { tmdb: tmdb.detail, imdb: imdb.detail, ...counts, hash: await catalogHash(context.database) },
  };
}
