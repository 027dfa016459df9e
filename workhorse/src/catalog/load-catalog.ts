import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive } from "../archive/archive.ts";
import { catalogHash } from "./catalog-hash.ts";
import { crossCheck } from "./cross-check.ts";
import type { LoadContext } from "./imdb-gated-load.ts";
import { linkTitles } from "./link-titles.ts";
import { loadImdb } from "./load-imdb.ts";
import { loadTmdb } from "./load-tmdb.ts";

/** Brings the catalog up to the archive, then links the two sources and lets them check each other. */
export async function loadCatalog(context: LoadContext, archive: Archive): Promise<TaskResult> {
  const tmdb = await loadTmdb(context, archive);
  const imdb = await loadImdb(context, archive);
  const links = await linkTitles(context);
  await crossCheck(context);
  const [counts] = await context.database.query<{ films: number; rated: number; ratings: number; quarantined: number }>(
    `select (select count(*) from movies where deleted_at is null)::integer as films,
            (select count(*) from movies m where exists (select from imdb_ratings r where r.imdb_number = m.imdb_number))::integer as rated,
            (select count(*) from imdb_ratings)::integer + (select count(*) from tmdb_ratings)::integer as ratings,
            (select count(*) from quarantine)::integer as quarantined`,
  );
  return {
    rowsIn: tmdb.rowsIn + imdb.rowsIn,
    rowsOut: counts?.films ?? 0,
    detail: { tmdb: tmdb.detail, imdb: imdb.detail, links, ...counts, hash: await catalogHash(context.database) },
  };
}
