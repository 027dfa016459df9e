import type { EpochDay } from "../contracts/time.ts";

/** A rating is mature from so many votes on: below, a single vote still moves the average by 0.1 and more. */
export const MATURE_VOTES = 50;
/** … and so many days after release: the first voters are not the later public. */
export const MATURE_DAYS = 90;

/** Whether a film's rating counts as an outcome on `today`. */
export function isMature(votes: number, releaseDay: EpochDay | undefined, today: EpochDay): boolean {
  return votes >= MATURE_VOTES && releaseDay !== undefined && releaseDay <= today - MATURE_DAYS;
}
