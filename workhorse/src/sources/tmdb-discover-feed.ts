import { type CalendarDate, calendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import type { DayWindow, RunningCursor } from "./tmdb-cursor.ts";
import { horizon } from "./tmdb-cursor.ts";
import { BATCH_FILMS, type Crawl, fetchWanted } from "./tmdb-details.ts";
import { type DiscoverPage, MAX_DISCOVER_PAGES } from "./tmdb-lists.ts";
import { wantListed } from "./tmdb-wanted.ts";

/** The oldest film that TMDB lists was shot in 1874. */
const FIRST_DAY = "1874-01-01" as CalendarDate;
const FILMS_A_PAGE = 20;

/**
 * Walks the list of discover by windows of release dates, a page at a time, and fetches what is wanted as soon as there
 * is a batch of it. Films without a date are on no such list.
 */
export async function walkDiscover(crawl: Crawl, cursor: RunningCursor): Promise<RunningCursor> {
  let at = cursor;
  for (;;) {
    crawl.context.signal.throwIfAborted();
    const { list, startedOn } = at.collection;
    if (list === "walked") return at;
    const { windows, page } =
      list === "due" ? { windows: [{ from: FIRST_DAY, to: horizon(startedOn) }], page: 1 } : list;
    const [window, ...rest] = windows;
    at = window ? await walkPage(crawl, at, { window, rest, page }) : await move(crawl, at, { list: "walked" });
    at = await fetchWanted(crawl, at, BATCH_FILMS);
  }
}

async function walkPage(
  crawl: Crawl,
  cursor: RunningCursor,
  { window, rest, page }: { window: DayWindow; rest: readonly DayWindow[]; page: number },
): Promise<RunningCursor> {
  const { tmdb, minVotes, context } = crawl;
  const { collection } = cursor;
  const found = await tmdb.discover({ ...window, minVotes }, page);
  const total = collection.total ?? found.total_results;
  const halves = page === 1 ? splitWindow(window, found) : undefined;
  if (halves) return move(crawl, cursor, { total, list: { windows: [...halves, ...rest], page: 1 } });
  if (page === 1 && found.total_pages > MAX_DISCOVER_PAGES) {
    context.log.warn({ window, films: found.total_results }, "TMDB shows only the first of so many films of one day");
  }
  const more = page < Math.min(found.total_pages, MAX_DISCOVER_PAGES);
  const listed = cursor.listed + found.results.length;
  const list = more ? { windows: [window, ...rest], page: page + 1 } : { windows: [...rest], page: 1 };
  const moved = { ...cursor, listed, collection: { ...collection, total, list } };
  await context.database.transaction(async (tx) => {
    const feed = `discover ${window.from} to ${window.to}`;
    await wantListed(tx, { feed, anew: collection.anew }, found.results);
    await crawl.save(tx, moved);
  });
  context.onProgress({ done: listed, total, unit: "films" });
  return moved;
}

async function move(
  { context, save }: Crawl,
  cursor: RunningCursor,
  changes: Partial<RunningCursor["collection"]>,
): Promise<RunningCursor> {
  const moved = { ...cursor, collection: { ...cursor.collection, ...changes } };
  await save(context.database, moved);
  return moved;
}

/** Discover shows 500 pages at most: a window with more is walked as two. A single day cannot be split further. */
export function splitWindow(window: DayWindow, page: Pick<DiscoverPage, "total_results">): DayWindow[] | undefined {
  return page.total_results > MAX_DISCOVER_PAGES * FILMS_A_PAGE ? halvesOf(window) : undefined;
}

/** undefined for a single day */
export function halvesOf(window: DayWindow): DayWindow[] | undefined {
  if (window.from === window.to) return undefined;
  const middle = Math.floor((epochDay(window.from) + epochDay(window.to)) / 2) as EpochDay;
  return [
    { from: window.from, to: calendarDate(middle) },
    { from: calendarDate((middle + 1) as EpochDay), to: window.to },
  ];
}
