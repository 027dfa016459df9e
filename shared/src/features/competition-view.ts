import type { EpochDay } from "../contracts/time.ts";
import { FILM } from "./entities.ts";
import type { FeatureInput, FeatureView, RecordKey } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { type RecordEvent, summarise } from "./track-record.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME } from "./view-columns.ts";

/** Four weeks: most of a wide release's time in the cinemas. */
const WINDOW_DAYS = 28;

/** What a film's release adds to the calendar: its budget, or 0 where that is unknown. Nothing for a film without a day. */
export function calendarEvents(film: FilmFacts): [RecordKey, RecordEvent][] {
  const { releaseDay, budgetUsd } = film;
  if (releaseDay === undefined) return [];
  const event = { day: releaseDay, value: budgetUsd === undefined ? 0 : Math.log10(budgetUsd) };
  return calendarKeysOf(film).map((key) => [key, event]);
}

/** The records that the view asks for. */
export function calendarKeysOf({ releaseDay, genreIds }: FilmFacts): RecordKey[] {
  if (releaseDay === undefined) return [];
  return ["calendar:all", ...new Set((genreIds ?? []).map((id): RecordKey => `calendar:${id}`))];
}

const column = columnsOf("release", "before_release");

export const competitionView: FeatureView = {
  name: "competition",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: `What else came out in the ${WINDOW_DAYS} days before the film; unknown until its release`,
  eventTime: FILM_EVENT_TIME,
  source: ["movies", "movie_genres"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    column("competition_films", "log(1+n)", `Films of the catalog released in the ${WINDOW_DAYS} days before`),
    column("competition_same_genre", "log(1+n)", "Of these the mean number per genre of the film"),
    column("competition_budget", "log10 USD", "Sum of the logarithms of their budgets, as far as these are known"),
  ],
  compute: (input) => {
    const { film, asOf } = input;
    // Before the release the window is not over, and half of its films are not yet announced.
    if (film.releaseDay === undefined || asOf < film.releaseDay) return [Number.NaN, Number.NaN, Number.NaN];
    const all = releasedBefore(input, "calendar:all", film.releaseDay);
    const genres = (film.genreIds ?? []).map((id) => releasedBefore(input, `calendar:${id}`, film.releaseDay ?? asOf));
    const perGenre = genres.reduce((sum, { films }) => sum + films, 0) / genres.length;
    return [Math.log1p(all.films), Math.log1p(perGenre), all.budget];
  },
};

function releasedBefore({ record }: FeatureInput, key: RecordKey, day: EpochDay): { films: number; budget: number } {
  const calendar = record(key);
  const at = summarise(calendar, day);
  const before = summarise(calendar, (day - WINDOW_DAYS) as EpochDay);
  return { films: at.count - before.count, budget: at.total - before.total };
}
