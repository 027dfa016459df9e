import type { FeatureColumn, FeatureGroup, KnownWhen } from "./feature-view.ts";

/** Features are to be at most 26 h old: a daily build and two hours' grace. */
export const FEATURE_TTL_SECONDS = 26 * 3600;

/** The mean length of a year of the calendar. */
export const DAYS_PER_YEAR = 365.2425;

/** What a film's row holds as of, in words. */
export const FILM_EVENT_TIME = "The earlier of the film's release and the day of the build";

/** A maker of columns of one group: a column of unit `0/1` is a bool, and unknown is NaN. */
export function columnsOf(
  group: FeatureGroup,
  knownWhen: KnownWhen = "announced",
): (name: string, unit: string, description: string) => FeatureColumn {
  return (name, unit, description) => ({
    name,
    type: unit === "0/1" ? "bool" : "float64",
    default: Number.NaN,
    unit,
    description,
    knownWhen,
    group,
  });
}

/** 1 where it holds, 0 where not, NaN where nothing is known. */
export function flag<T>(value: T | undefined, holds: (value: T) => boolean): number {
  if (value === undefined) return Number.NaN;
  return holds(value) ? 1 : 0;
}
