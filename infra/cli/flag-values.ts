import { type CalendarDate, calendarDateSchema } from "@marquee/shared/contracts/time";
import { InvalidArgumentError } from "commander";
import { z } from "zod";

/** Values of flags that several commands have; each says what is accepted. */

export function parseDay(text: string): CalendarDate {
  const day = calendarDateSchema.safeParse(text);
  if (!day.success) throw new InvalidArgumentError("It must be a day that exists, as YYYY-MM-DD.");
  return day.data;
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1_000_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 1,000,000.");
  return limit;
}

/** Decides what is drawn by chance. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 4_294_967_295)
    throw new InvalidArgumentError("It must be a whole number from 0 to 4,294,967,295.");
  return seed;
}

/** A step's run, as `quality show` prints it. */
export function parseRunId(text: string): string {
  if (!z.uuid().safeParse(text).success)
    throw new InvalidArgumentError("It must be the id of a run, as `quality show` prints it.");
  return text;
}
