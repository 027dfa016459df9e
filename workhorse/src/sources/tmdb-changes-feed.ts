import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import { type DayWindow, daysAfter, type RunningCursor } from "./tmdb-cursor.ts";
import type { Crawl } from "./tmdb-details.ts";
import { halvesOf } from "./tmdb-discover-feed.ts";
import { MAX_DISCOVER_PAGES } from "./tmdb-lists.ts";
import { oldestFetch, wantChanged } from "./tmdb-wanted.ts";

/** TMDB answers changes of at most so many days at once. */
const MAX_DAYS = 14;

/**
 * Takes the ids of films that have changed since the cursor's day, which was not over when it was asked about last. Only
 * films that we have are of interest: new ones are on lists. A range is noted whole, together with the cursor.
 */
export async function takeChanges(crawl: Crawl, cursor: RunningCursor): Promise<RunningCursor> {
  const { context } = crawl;
  const now = context.clock.now();
  const until = dayOf(now);
  let at = cursor;
  for (const range of rangesOf(await firstDay(crawl, cursor, until), until)) {
    const ids = await changedIds(crawl, range);
    at = { ...at, changedUntil: range.to };
    const moved = at;
    await context.database.transaction(async (tx) => {
      const changedBefore = new Date(`${daysAfter(range.to, 1)}T00:00:00Z`);
      await wantChanged(tx, { feed: `changes ${range.from} to ${range.to}`, ids, changedBefore, now });
      await crawl.save(tx, moved);
    });
  }
  return at;
}

/** Many ranges begin with the oldest details that we have: a hundred years would be 2,600 questions. */
async function firstDay({ context }: Crawl, cursor: RunningCursor, until: CalendarDate): Promise<CalendarDate> {
  const covered = cursor.changedUntil ?? cursor.collection.startedOn;
  if (rangesOf(covered, until).length <= 1) return covered;
  const oldest = await oldestFetch(context.database);
  const first = oldest === undefined || dayOf(oldest) > until ? until : dayOf(oldest);
  return first > covered ? first : covered;
}

/** Of at most 14 days each, both ends inclusive. */
export function rangesOf(from: CalendarDate, until: CalendarDate): DayWindow[] {
  const ranges: DayWindow[] = [];
  for (let first = from; first <= until; first = daysAfter(first, MAX_DAYS)) {
    const last = daysAfter(first, MAX_DAYS - 1);
    ranges.push({ from: first, to: last < until ? last : until });
  }
  return ranges;
}

async function changedIds(crawl: Crawl, range: DayWindow): Promise<number[]> {
  const ids: number[] = [];
  for (let page = 1; ; page++) {
    crawl.context.signal.throwIfAborted();
    const found = await crawl.tmdb.changes(range, page);
    const halves = found.total_pages > MAX_DISCOVER_PAGES ? halvesOf(range) : undefined;
    if (halves) return (await Promise.all(halves.map((half) => changedIds(crawl, half)))).flat();
    ids.push(...found.results.flatMap(({ id }) => (typeof id === "number" ? [id] : [])));
    if (page >= Math.min(found.total_pages, MAX_DISCOVER_PAGES)) return ids;
  }
}
