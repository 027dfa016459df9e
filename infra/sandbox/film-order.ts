import type { Film } from "./film.ts";

/** What a film is ordered by; undefined goes last in either direction. */
const SORT_VALUES = {
  popularity: (film) => film.popularity,
  primary_release_date: (film) => film.releaseDate,
  release_date: (film) => film.releaseDate,
  revenue: (film) => film.revenue,
  title: (film) => film.title,
  original_title: (film) => film.originalTitle,
  vote_average: (film) => film.voteAverage,
  vote_count: (film) => film.voteCount,
} as const satisfies Record<string, (film: Film) => number | string | undefined>;

export type SortField = keyof typeof SORT_VALUES;

/** An order of films as discover's `sort_by` names it. */
export interface FilmOrder {
  field: SortField;
  direction: "asc" | "desc";
}

/** TMDB's order when `sort_by` is not given or not known. */
const DEFAULT_ORDER: FilmOrder = { field: "popularity", direction: "desc" };

/** @param sortBy such as `primary_release_date.asc`; an unknown one is passed over, as TMDB does */
export function filmOrder(sortBy: string | undefined): FilmOrder {
  const [field = "", direction] = sortBy?.split(".") ?? [];
  if (!isSortField(field) || (direction !== "asc" && direction !== "desc")) return DEFAULT_ORDER;
  return { field, direction };
}

function isSortField(text: string): text is SortField {
  return Object.hasOwn(SORT_VALUES, text);
}

/**
 * Films in an order that is the same for every call: equals (many films come out on one day) go by id, so that paging
 * neither loses nor repeats one.
 */
export function sortFilms(films: Iterable<Film>, { field, direction }: FilmOrder): Film[] {
  const sortValue: (film: Film) => number | string | undefined = SORT_VALUES[field];
  const sign = direction === "asc" ? 1 : -1;
  return [...films].sort((a, b) => {
    const left = sortValue(a);
    const right = sortValue(b);
    if (left === right) return a.id - b.id;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left < right ? -sign : sign;
  });
}
