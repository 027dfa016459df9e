import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive } from "../archive/archive.ts";
import { crossCheck } from "./cross-check.ts";
import type { LoadContext } from "./imdb-gated-load.ts";
import { linkTitles } from "./link-titles.ts";
import type { QuarantineFilter } from "./list-quarantine.ts";
import { replayImdb } from "./replay-imdb.ts";
import { replayTmdb } from "./replay-tmdb.ts";
import type { Replayed } from "./replayed.ts";

/**
 * Tries again what could not be taken, with today's code, from the archive. What passes is in the catalog, never over
 * what was fetched later, and leaves the quarantine; what fails stays, seen once more. Then films and titles are linked,
 * which also decides on release years that could not both be right. No load may run at the same time: call it as the
 * work of the step `catalog`.
 * @returns rowsIn: rows tried; rowsOut: rows that have left; detail: by source, and how many are left
 */
export async function replayQuarantine(
  context: LoadContext,
  archive: Archive,
  { source, reason }: QuarantineFilter = {},
): Promise<TaskResult> {
  const none: Replayed = { tried: 0, passed: 0 };
  const tmdb = source === "imdb" ? none : await replayTmdb(context, archive, reason);
  const imdb = source === "tmdb" ? none : await replayImdb(context, archive, reason);
  await linkTitles(context);
  const yearsMoved = await crossCheck(context);
  const [left] = await context.database.query<{ rows: number }>("select count(*)::integer as rows from quarantine");
  return {
    rowsIn: tmdb.tried + imdb.tried,
    rowsOut: tmdb.passed + imdb.passed,
    detail: { tmdb, imdb, yearsMoved, left: left?.rows ?? 0 },
  };
}
