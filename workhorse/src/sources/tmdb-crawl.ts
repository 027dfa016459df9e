import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import type { TaskContext } from "../tasks/task-context.ts";
import { takeChanges } from "./tmdb-changes-feed.ts";
import { openCursor, type RunningCursor, saveTmdbCursor, sinceCursor } from "./tmdb-cursor.ts";
import { type Crawl, fetchWanted } from "./tmdb-details.ts";
import { walkDiscover } from "./tmdb-discover-feed.ts";
import { takeExport } from "./tmdb-export-feed.ts";
import { countWanted, forgetFailures } from "./tmdb-wanted.ts";

export interface TmdbCrawlOptions extends Omit<Crawl, "context" | "save"> {
  /** Identity of the source and of what is asked of it. */
  crawl: string;
}

/**
 * Brings into the archive the details of films that are new on TMDB's list, have changed, or are gone: the list is the
 * daily file of ids, or discover's where only films with votes are wanted or TMDB has no such file. What is to be
 * fetched is noted before it is fetched, so a crawl that was killed goes on where it was.
 * @returns rowsIn: films listed; rowsOut: films whose details were fetched
 */
export async function crawlTmdb(context: TaskContext, options: TmdbCrawlOptions): Promise<TaskResult> {
  const { database, clock } = context;
  const crawl: Crawl = { ...options, context, save: (queries, cursor) => saveTmdbCursor(queries, clock, cursor) };
  await forgetFailures(database);
  let cursor = await openCursor(database, options.crawl, dayOf(clock.now()));
  if (cursor.collection.list === "due") cursor = await beginList(crawl, cursor);
  cursor = await walkDiscover(crawl, cursor);
  cursor = await takeChanges(crawl, cursor);
  cursor = await fetchWanted(crawl, cursor, 1);
  await saveTmdbCursor(database, clock, { ...cursor, collection: null });
  return resultOf(context, cursor);
}

/**
 * The same for films that were released or have changed since a day, whatever the daily collection has covered, which
 * stays as it is.
 */
export async function crawlTmdbSince(
  context: TaskContext,
  options: TmdbCrawlOptions,
  since: CalendarDate,
): Promise<TaskResult> {
  const crawl: Crawl = { ...options, context, save: async () => undefined };
  await forgetFailures(context.database);
  let cursor = sinceCursor(options.crawl, since, dayOf(context.clock.now()));
  cursor = await walkDiscover(crawl, cursor);
  cursor = await takeChanges(crawl, cursor);
  cursor = await fetchWanted(crawl, cursor, 1);
  return resultOf(context, cursor);
}

async function beginList(crawl: Crawl, cursor: RunningCursor): Promise<RunningCursor> {
  const taken = crawl.minVotes === 0 ? await takeExport(crawl, cursor) : undefined;
  // The list of windows counts its films page by page.
  return taken ?? { ...cursor, listed: 0 };
}

async function resultOf(context: TaskContext, { listed, collection }: RunningCursor): Promise<TaskResult> {
  const { fetched, gone } = collection;
  const { failed } = await countWanted(context.database);
  return { rowsIn: listed, rowsOut: fetched, detail: { listed, fetched, gone, unanswered: failed } };
}
