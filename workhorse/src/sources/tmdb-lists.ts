import type { CalendarDate } from "@marquee/shared/contracts/time";
import { z } from "zod";

/** TMDB's own cap on pages of discover. */
export const MAX_DISCOVER_PAGES = 500;

export interface DiscoverWindow {
  from: CalendarDate;
  to: CalendarDate;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
}

/** A film as discover shows it; of its other fields popularity and votes move every day. */
const listedFilmSchema = z.object({
  id: z.int(),
  title: z.string().nullish(),
  original_title: z.string().nullish(),
  original_language: z.string().nullish(),
  release_date: z.string().nullish(),
  genre_ids: z.array(z.int()).nullish(),
  overview: z.string().nullish(),
});
export type ListedFilm = z.infer<typeof listedFilmSchema>;

/** `GET /3/discover/movie` */
export const discoverPageSchema = z.object({
  page: z.int(),
  total_pages: z.int(),
  total_results: z.int(),
  results: z.array(listedFilmSchema),
});
export type DiscoverPage = z.infer<typeof discoverPageSchema>;

/** `GET /3/movie/changes`; an entry without an id, which TMDB has sent, names no film. */
export const changesPageSchema = z.object({
  page: z.int(),
  total_pages: z.int(),
  results: z.array(z.object({ id: z.int().nullish() })),
});
export type ChangesPage = z.infer<typeof changesPageSchema>;

/** A line of a daily file of ids: https://developer.themoviedb.org/docs/daily-id-exports. */
export const exportLineSchema = z.object({
  id: z.int().positive().max(2_147_483_647),
  adult: z.boolean().default(false),
});

/** `movie_ids_07_15_2026.json.gz`: a day's file of the ids of all films that are not adult. */
export function exportFileName(day: CalendarDate): string {
  const [year, month, date] = day.split("-");
  return `movie_ids_${month}_${date}_${year}.json.gz`;
}
