import { calendarDate, dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";

/** What is to expire is fetched again so many days before, so that a film that the source still has is never missing. */
const REFETCH_AHEAD_DAYS = 7;

/**
 * The first moment whose things are kept: the beginning, in UTC, of the day `days` before the day of `now`. So a thing is
 * kept for `days` whole days at least, and the day on the border stays.
 * @param days 0: for ever
 * @returns undefined where everything is kept
 */
export function keptFrom(days: number, now: Date): Date | undefined {
  return days === 0 ? undefined : dayBefore(now, days);
}

/**
 * What was fetched before this moment is to be fetched again: it expires within a week, or within a quarter of its time
 * where that is shorter, since nobody wants to fetch everything every day.
 * @returns undefined where nothing expires
 */
export function refetchedFrom(days: number, now: Date): Date | undefined {
  return days === 0 ? undefined : dayBefore(now, days - Math.min(REFETCH_AHEAD_DAYS, Math.floor(days / 4)));
}

function dayBefore(now: Date, days: number): Date {
  return new Date(calendarDate((epochDay(dayOf(now)) - days) as EpochDay));
}
