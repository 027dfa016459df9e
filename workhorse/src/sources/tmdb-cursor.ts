import type { Queries } from "@marquee/shared/backing/postgres/database";
import {
  type CalendarDate,
  calendarDate,
  calendarDateSchema,
  type EpochDay,
  epochDay,
} from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { z } from "zod";
import { loadCursor, saveCursor } from "./source-cursor.ts";

/** What TMDB answers changes of at once. */
const DAYS_IN_DOUBT = 13;

const windowSchema = z.object({ from: calendarDateSchema, to: calendarDateSchema });
export type DayWindow = z.infer<typeof windowSchema>;

const collectionSchema = z.object({
  startedOn: calendarDateSchema,
  /** Every film that is listed is fetched, whatever is known of it: the source, or what is asked of it, is another one. */
  anew: z.boolean(),
  /** Of a list in windows: those still to be walked, the first of them from `page` on. */
  list: z.union([
    z.literal("due"),
    z.literal("walked"),
    z.object({ windows: z.array(windowSchema), page: z.int().positive() }),
  ]),
  /** Films that the whole list has, where it says so. */
  total: z.int().nullable(),
  /** Films whose details were fetched. */
  fetched: z.int(),
  /** Films that TMDB has deleted. */
  gone: z.int(),
});

/** How far the collection of TMDB's films is. Which films are still to be fetched stands in `tmdb_wanted`. */
const cursorSchema = z.object({
  /** The source and what is asked of it. */
  crawl: z.string(),
  /** The collection under way; null: the last one is complete. */
  collection: collectionSchema.nullable(),
  /** Films on the list that was walked last, or so far. */
  listed: z.int(),
  /** The file of ids that was walked last. */
  export: z.object({ day: calendarDateSchema, etag: z.string().nullable() }).nullable(),
  /** Changes of days before are fetched, of this day perhaps not all. */
  changedUntil: calendarDateSchema.nullable(),
});
export type TmdbCursor = z.infer<typeof cursorSchema>;
export type TmdbCollection = z.infer<typeof collectionSchema>;
/** With a collection under way. */
export type RunningCursor = TmdbCursor & { collection: TmdbCollection };

/** The last collection where it was cut off, else the beginning of the next. */
export async function openCursor(database: Queries, crawl: string, today: CalendarDate): Promise<RunningCursor> {
  // One of another form was written before there were feeds; its films are in tmdb_listings all the same.
  const known = await loadCursor(database, "tmdb", cursorSchema.optional().catch(undefined));
  const changedUntil = coveredBy(known?.changedUntil ?? null, today);
  if (known?.crawl === crawl) {
    return { ...known, changedUntil, collection: known.collection ?? newCollection(today, false) };
  }
  return { crawl, collection: newCollection(today, known !== undefined), listed: 0, export: null, changedUntil };
}

/** Only a clock that was ahead has covered a day to come, and nobody knows by how much: the last days are asked about. */
function coveredBy(changedUntil: CalendarDate | null, today: CalendarDate): CalendarDate | null {
  return changedUntil !== null && changedUntil > today ? daysAfter(today, -DAYS_IN_DOUBT) : changedUntil;
}

/** Of a collection that is to leave the daily one as it is. */
export function sinceCursor(crawl: string, since: CalendarDate, today: CalendarDate): RunningCursor {
  const windows = [{ from: since, to: horizon(today) }];
  return {
    crawl,
    collection: { ...newCollection(today, false), list: { windows, page: 1 } },
    listed: 0,
    export: null,
    changedUntil: since,
  };
}

export async function saveTmdbCursor(database: Queries, clock: Clock, cursor: TmdbCursor): Promise<void> {
  await saveCursor(database, clock, "tmdb", cursor);
}

/** No film is dated later; a source that errs by a century is to be heard, and found out by the cross-check. */
export function horizon(today: CalendarDate): CalendarDate {
  return daysAfter(today, 100 * 366);
}

export function daysAfter(day: CalendarDate, days: number): CalendarDate {
  return calendarDate((epochDay(day) + days) as EpochDay);
}

function newCollection(startedOn: CalendarDate, anew: boolean): TmdbCollection {
  return { startedOn, anew, list: "due", total: null, fetched: 0, gone: 0 };
}
