import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
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
import type { TaskContext } from "../tasks/task-context.ts";
import { loadCursor, saveCursor } from "./source-cursor.ts";
import { type DiscoverPage, MAX_DISCOVER_PAGES, type TmdbClient } from "./tmdb-client.ts";
import { changedListings, type Listing, listingsOf, saveListings } from "./tmdb-listings.ts";

/** The oldest film that TMDB lists was shot in 1874. */
const FIRST_DAY = "1874-01-01" as CalendarDate;
/** No film is dated later, in days; a source that errs by a century is to be heard, and found out by the cross-check. */
const HORIZON_DAYS = 100 * 366;
/** Details asked for at the same time. */
const CONCURRENCY = 8;

/** A crawl: windows still to be walked, the first of them from `page` on. Empty: it is complete. */
const cursorSchema = z.object({
  /** Which crawl this is; another list of films begins anew. */
  crawl: z.string(),
  pending: z.array(z.object({ from: calendarDateSchema, to: calendarDateSchema })),
  page: z.int().positive(),
  /** Films on the pages that were walked. */
  listed: z.int().default(0),
  /** Films whose details were fetched. */
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
 * Walks the list of TMDB's discover, and brings into the archive the details of each film that is new there or whose
 * entry has changed since they were fetched; those of one page are one fetch. A crawl that was killed goes on: the
 * cursor and what was listed move together after the fetch is kept, so at most one page is repeated, and storing a page
 * twice changes nothing. One that was complete begins anew.
 * What lists do not show (credits, runtime, budget) can change unseen; TMDB's feed `/movie/changes` would tell.
 * @returns rowsIn: films listed; rowsOut: films whose details were fetched
 */
export async function crawlTmdb(context: TaskContext, options: TmdbCrawlOptions): Promise<TaskResult> {
  const { database, clock, signal } = context;
  const known = await loadCursor(database, "tmdb", cursorSchema);
  const goesOn = known?.crawl === options.crawl && known.pending.length > 0;
  let cursor = goesOn ? known : firstCursor(options.crawl, clock.now());
  while (cursor.pending.length > 0) {
    signal.throwIfAborted();
    cursor = await crawlPage(context, options, cursor);
    context.onProgress({
      done: cursor.listed,
      ...(cursor.total === undefined ? {} : { total: cursor.total }),
      unit: "films",
    });
  }
  const { listed, films, gone } = cursor;
  return { rowsIn: listed, rowsOut: films, detail: { listed, fetched: films, gone } };
}

function firstCursor(crawl: string, now: Date): Cursor {
  const last = calendarDate((epochDay(dayOf(now)) + HORIZON_DAYS) as EpochDay);
  return { crawl, pending: [{ from: FIRST_DAY, to: last }], page: 1, listed: 0, films: 0, gone: 0 };
}

async function crawlPage(context: TaskContext, options: TmdbCrawlOptions, cursor: Cursor): Promise<Cursor> {
  const { database, clock } = context;
  const { tmdb, archive, minVotes, crawl } = options;
  const [window, ...rest] = cursor.pending;
  if (!window) return cursor;
  const { raw, page } = await tmdb.discover({ ...window, minVotes }, cursor.page);
  const total = cursor.total ?? page.total_results;
  const halves = cursor.page === 1 ? splitWindow(window, page) : undefined;
  if (halves) {
    const split = { ...cursor, total, pending: [...halves, ...rest] };
    await saveCursor(database, clock, "tmdb", split);
    return split;
  }
  const changed = await changedListings(database, listingsOf(page.results, crawl));
  const details = await fetchDetails(context, tmdb, changed);
  // The list alone says nothing that details do not: a page that brought none is not kept.
  if (details.length > 0) {
    const name = `discover-${window.from}-${window.to}-page-${String(cursor.page).padStart(3, "0")}`;
    await archive.storeBodies({ source: "tmdb", name, bodies: [raw, ...details.map(({ body }) => body)] });
  }
  const more = cursor.page < page.total_pages;
  const moved = {
    crawl,
    pending: more ? cursor.pending : rest,
    page: more ? cursor.page + 1 : 1,
    listed: cursor.listed + page.results.length,
    films: cursor.films + details.length,
    gone: cursor.gone + changed.length - details.length,
    total,
  };
  await database.transaction(async (tx) => {
    await saveListings(
      tx,
      clock,
      details.map(({ listing }) => listing),
    );
    await saveCursor(tx, clock, "tmdb", moved);
  });
  return moved;
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

/** The details of films that are gone are left out. */
async function fetchDetails(
  context: TaskContext,
  tmdb: TmdbClient,
  listings: readonly Listing[],
): Promise<{ listing: Listing; body: ArchivedBody }[]> {
  const bodies: (ArchivedBody | undefined)[] = new Array<undefined>(listings.length).fill(undefined);
  let next = 0;
  async function worker(): Promise<void> {
    for (let i = next++; i < listings.length; i = next++) {
      context.signal.throwIfAborted();
      const listing = listings[i];
      if (listing) bodies[i] = await detailsOf(tmdb, listing.tmdbId);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return listings.flatMap((listing, i) => {
    const body = bodies[i];
    return body ? [{ listing, body }] : [];
  });
}

async function detailsOf(tmdb: TmdbClient, id: TmdbId): Promise<ArchivedBody | undefined> {
  try {
    return await tmdb.movie(id);
  } catch (error) {
    if (isMarqueeError(error, "SOURCE_NOT_FOUND")) return undefined;
    throw error;
  }
}
