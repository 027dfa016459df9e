import { z } from "zod";

/** A moment in UTC, ISO 8601 with milliseconds and Z. */
export type Instant = string & { readonly __brand: "Instant" };

/** A day of the proleptic Gregorian calendar without a time zone, `YYYY-MM-DD`. */
export type CalendarDate = string & { readonly __brand: "CalendarDate" };

/** Whole days since 1970-01-01; negative before. What features calculate with. */
export type EpochDay = number & { readonly __brand: "EpochDay" };

const MILLISECONDS_PER_DAY = 86_400_000;

function isCalendarDate(text: string): boolean {
  // PostgreSQL knows no year 0.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith("0000")) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export const calendarDateSchema = z
  .string()
  .refine(isCalendarDate, { error: "must be a day that exists, as YYYY-MM-DD" })
  .transform((text) => text as CalendarDate);

export const instantSchema = z.iso.datetime().transform((text) => text as Instant);

export function epochDay(date: CalendarDate): EpochDay {
  return (Date.parse(`${date}T00:00:00Z`) / MILLISECONDS_PER_DAY) as EpochDay;
}

export function calendarDate(day: EpochDay): CalendarDate {
  return new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 10) as CalendarDate;
}

/** The day in UTC on which `moment` lies. */
export function dayOf(moment: Date): CalendarDate {
  return moment.toISOString().slice(0, 10) as CalendarDate;
}
