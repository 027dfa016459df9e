import type { TmdbId } from "@marquee/shared/contracts/ids";
import {
  type CalendarDate,
  calendarDate,
  calendarDateSchema,
  dayOf,
  type EpochDay,
  epochDay,
} from "@marquee/shared/contracts/time";
import type { Query } from "./discover-films.ts";
import type { FilmSet } from "./film-set.ts";
import type { TmdbStatusCode } from "./tmdb-status.ts";

/** TMDB answers changes of at most so many days at once. */
const MAX_RANGE_DAYS = 14;

export interface DateRange {
  from: CalendarDate;
  /** Inclusive. */
  to: CalendarDate;
}

/**
 * The days that `GET /3/movie/changes` is asked about. Without dates TMDB answers the last 24 hours; with one of the
 * two, the day of the other.
 * @returns TMDB's status code for what it refuses
 */
export function changesRange(query: Query, now: Date): DateRange | TmdbStatusCode {
  const given = [query.start_date, query.end_date].map((text) => text || undefined);
  const [start, end] = given.map((text) => calendarDateSchema.safeParse(text).data);
  if ((given[0] !== undefined && !start) || (given[1] !== undefined && !end)) return 23;
  const today = dayOf(now);
  const to = end ?? (start ? latest(start, today) : today);
  const from = start ?? daysBefore(to, 1);
  const days = epochDay(to) - epochDay(from);
  return days > MAX_RANGE_DAYS || days < 0 ? 20 : { from, to };
}

/** An entry of `GET /3/movie/changes`. */
export interface ChangedFilm {
  id: TmdbId;
  /** null, as TMDB answers it, where the film is deleted */
  adult: boolean | null;
}

/** Films known to have changed in those days, by id. Data that does not say when a film changed has no changes. */
export function changedFilms(set: FilmSet, { from, to }: DateRange): ChangedFilm[] {
  const changed = ({ changedOn }: { changedOn: CalendarDate | undefined }): boolean =>
    changedOn !== undefined && changedOn >= from && changedOn <= to;
  const present = set.inOrder({ field: "primary_release_date", direction: "asc" }).filter(changed);
  return [
    ...present.map(({ id, adult }) => ({ id, adult })),
    ...set.deleted.filter(changed).map(({ id }) => ({ id, adult: null })),
  ].sort((a, b) => a.id - b.id);
}

function latest(a: CalendarDate, b: CalendarDate): CalendarDate {
  return a > b ? a : b;
}

function daysBefore(date: CalendarDate, days: number): CalendarDate {
  return calendarDate((epochDay(date) - days) as EpochDay);
}
