import type { TmdbId } from "@marquee/shared/contracts/ids";
import {
  type CalendarDate,
  calendarDate,
  calendarDateSchema,
  dayOf,
  type EpochDay,
  epochDay,
} from "@marquee/shared/contracts/time";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";
import type { Archive, ArchivedBody } from "../archive/archive.ts";
import type { TaskContext, TaskResult } from "../tasks/task-context.ts";
import { loadCursor, saveCursor } from "./source-cursor.ts";
import { type DiscoverPage, MAX_DISCOVER_PAGES, type TmdbClient } from "./tmdb-client.ts";

/** The oldest film that TMDB lists was shot in 1874. */
const FIRST_DAY = "1874-01-01" as CalendarDate;
/** No film is dated later, in days; a source that errs by a century is to be heard, and found out by the cross-check. */
const HORIZON_DAYS = 100 * 366;
/** Details asked for at the same time. */
const CONCURRENCY = 8;

/** The first crawl: windows still to be walked, the first of them from `page` on. Empty: all films are collected. */
const cursorSchema = z.object({
  /** Which crawl this is; another list of films begins anew. */
  crawl: z.string(),
  pending: z.array(z.object({ from: calendarDateSchema, to: calendarDateSchema })),
  page: z.int().positive(),
  films: z.int(),
  /** Films that discover listed and that were gone when their details were asked for. */
  gone: z.int(),
  total: z.int().optional(),
});
type Cursor = z.infer<typeof cursorSchema>;

export interface TmdbCrawlOptions {
  tmdb: TmdbClient;
  archive: Archive;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
  /** Identity of the list that is walked: the source and what is asked of it. */
  crawl: string;
}

/**
 * Brings every film that TMDB's discover lists into the archive, page by page; each page with the details of its films
 * is one fetch. The cursor moves after the fetch is kept, so a crawl that is killed repeats at most one page, and
 * storing a page twice changes nothing.
 */
export async function crawlTmdb(context: TaskContext, options: TmdbCrawlOptions): Promise<TaskResult> {
  const { database, clock, signal } = context;
  const known = await loadCursor(database, "tmdb", cursorSchema);
  let cursor = known?.crawl === options.crawl ? known : firstCursor(options.crawl, clock.now());
  const before = cursor.films;
  while (cursor.pending.length > 0) {
    signal.throwIfAborted();
    cursor = await crawlPage(context, options, cursor);
    await saveCursor(database, clock, "tmdb", cursor);
    context.onProgress({
      done: cursor.films,
      ...(cursor.total === undefined ? {} : { total: cursor.total }),
      unit: "films",
    });
  }
  return { rowsIn: cursor.films - before, rowsOut: cursor.films, detail: { films: cursor.films, gone: cursor.gone } };
}

function firstCursor(crawl: string, now: Date): Cursor {
  const last = calendarDate((epochDay(dayOf(now)) + HORIZON_DAYS) as EpochDay);
  return { crawl, pending: [{ from: FIRST_DAY, to: last }], page: 1, films: 0, gone: 0 };
}

async function crawlPage(
  context: TaskContext,
  { tmdb, archive, minVotes }: TmdbCrawlOptions,
  cursor: Cursor,
): Promise<Cursor> {
  const [window, ...rest] = cursor.pending;
  if (!window) return cursor;
  const { raw, page } = await tmdb.discover({ ...window, minVotes }, cursor.page);
  const total = cursor.total ?? page.total_results;
  const halves = cursor.page === 1 ? splitWindow(window, page) : undefined;
  if (halves) return { ...cursor, total, pending: [...halves, ...rest] };
  const { bodies, gone } = await fetchDetails(
    context,
    tmdb,
    page.results.map(({ id }) => id as TmdbId),
  );
  const name = `discover-${window.from}-${window.to}-page-${String(cursor.page).padStart(3, "0")}`;
  await archive.storeBodies({ source: "tmdb", name, bodies: [raw, ...bodies] });
  const more = cursor.page < page.total_pages;
  return {
    crawl: cursor.crawl,
    pending: more ? cursor.pending : rest,
    page: more ? cursor.page + 1 : 1,
    films: cursor.films + bodies.length,
    gone: cursor.gone + gone,
    total,
  };
}

/** Discover shows 500 pages at most: a window with more is walked as two. A single day cannot be split further. */
export function splitWindow(
  window: { from: CalendarDate; to: CalendarDate },
  page: Pick<DiscoverPage, "total_results">,
): { from: CalendarDate; to: CalendarDate }[] | undefined {
  if (page.total_results <= MAX_DISCOVER_PAGES * 20 || window.from === window.to) return undefined;
  const from = epochDay(window.from);
  const to = epochDay(window.to);
  const middle = Math.floor((from + to) / 2) as EpochDay;
  return [
    { from: window.from, to: calendarDate(middle) },
    { from: calendarDate((middle + 1) as EpochDay), to: window.to },
  ];
}

async function fetchDetails(
  context: TaskContext,
  tmdb: TmdbClient,
  ids: readonly TmdbId[],
): Promise<{ bodies: ArchivedBody[]; gone: number }> {
  const bodies: (ArchivedBody | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  let next = 0;
  async function worker(): Promise<void> {
    for (let i = next++; i < ids.length; i = next++) {
      context.signal.throwIfAborted();
      bodies[i] = await detailsOf(tmdb, ids[i] as TmdbId);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const found = bodies.filter((body) => body !== undefined);
  return { bodies: found, gone: ids.length - found.length };
}

async function detailsOf(tmdb: TmdbClient, id: TmdbId): Promise<ArchivedBody | undefined> {
  try {
    return await tmdb.movie(id);
  } catch (error) {
    if (isMarqueeError(error, "SOURCE_NOT_FOUND")) return undefined;
    throw error;
  }
}
