import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { type Film, withFields } from "./film.ts";

/** IMDb's scale. */
const RATING = { least: 1, most: 10 };

/** A change of taste, to make a drift: ratings of films released from a day on, moved by so many points. */
export interface RatingShift {
  /** Inclusive. */
  from: CalendarDate;
  by: number;
}

/** Where the world stands. */
export interface Position {
  /** Films are out that were released until this day, it included. */
  asOf: CalendarDate;
  /** TMDB lists coming films released within so many days after it. */
  announcedDays: number;
  /** IMDb rates a film from so many days after its release. */
  ratedAfterDays: number;
  shift: RatingShift | undefined;
}

/** What TMDB does not know of a film before it is out. */
const NOT_YET = { popularity: 0, vote_average: 0, vote_count: 0, revenue: 0, status: "Post Production" };

/** A film as TMDB has it at a position; undefined where it is not listed, as a film whose day of release nobody knows. */
export function filmAt(film: Film, position: Position): Film | undefined {
  const daysToRelease = daysUntil(film, position.asOf);
  if (daysToRelease === undefined || daysToRelease > position.announcedDays) return undefined;
  if (daysToRelease > 0) return withFields(film, NOT_YET);
  const { voteAverage, voteCount } = film;
  const shifted = shiftedRating(voteAverage, film, position.shift);
  // An average of no votes is TMDB's 0, no rating.
  return voteCount === 0 || shifted === voteAverage ? film : withFields(film, { vote_average: shifted });
}

/** Whether a film is out or announced. */
export function isListedAt(film: Pick<Film, "releaseDate">, { asOf, announcedDays }: Position): boolean {
  const daysToRelease = daysUntil(film, asOf);
  return daysToRelease !== undefined && daysToRelease <= announcedDays;
}

/** Whether IMDb has a rating of it by then, if it ever has one. */
export function isRatedAt(film: Pick<Film, "releaseDate">, { asOf, ratedAfterDays }: Position): boolean {
  const daysToRelease = daysUntil(film, asOf);
  return daysToRelease !== undefined && daysToRelease + ratedAfterDays <= 0;
}

/** A rating in the shifted world, within IMDb's scale, to a tenth of a point where it was moved. */
export function shiftedRating(
  rating: number,
  { releaseDate }: Pick<Film, "releaseDate">,
  shift: RatingShift | undefined,
): number {
  if (!shift || shift.by === 0 || releaseDate === undefined || releaseDate < shift.from) return rating;
  return Math.round(Math.min(RATING.most, Math.max(RATING.least, rating + shift.by)) * 10) / 10;
}

/** Days from `asOf` to the release: 0 on its day, below 0 after it. */
function daysUntil({ releaseDate }: Pick<Film, "releaseDate">, asOf: CalendarDate): number | undefined {
  return releaseDate === undefined ? undefined : epochDay(releaseDate) - epochDay(asOf);
}
