import { calendarDateSchema } from "@marquee/shared/contracts/time";
import type { Film } from "./film.ts";
import { filmOrder } from "./film-order.ts";
import type { FilmSet } from "./film-set.ts";

/** A request's query, each parameter once. */
export type Query = Readonly<Record<string, string | undefined>>;

type Filter = (film: Film) => boolean;

/** Discover's filters. One that is not here, or whose value makes no sense, is passed over, as TMDB does. */
const FILTERS: Record<string, (value: string) => Filter | undefined> = {
  "primary_release_date.gte": releasedFrom,
  "primary_release_date.lte": releasedUntil,
  "release_date.gte": releasedFrom,
  "release_date.lte": releasedUntil,
  primary_release_year: releasedInYear,
  year: releasedInYear,
  "vote_count.gte": (value) => compared(value, (bound) => (film) => film.voteCount >= bound),
  "vote_count.lte": (value) => compared(value, (bound) => (film) => film.voteCount <= bound),
  "vote_average.gte": (value) => compared(value, (bound) => (film) => film.voteAverage >= bound),
  "vote_average.lte": (value) => compared(value, (bound) => (film) => film.voteAverage <= bound),
  with_original_language: (value) => (film) => film.language === value,
  with_genres: withGenres,
};

/** The films that `GET /3/discover/movie` lists for a query, all pages of them, in its order. */
export function discoverFilms(set: FilmSet, query: Query): readonly Film[] {
  const filters = Object.entries(query).flatMap(([name, value]) => {
    const filter = value && Object.hasOwn(FILTERS, name) ? FILTERS[name]?.(value) : undefined;
    return filter ? [filter] : [];
  });
  if (query.include_adult !== "true") filters.push((film) => !film.adult);
  return set.inOrder(filmOrder(query.sort_by)).filter((film) => filters.every((filter) => filter(film)));
}

function releasedFrom(value: string): Filter | undefined {
  const date = calendarDateSchema.safeParse(value).data;
  return date && (({ releaseDate }) => releaseDate !== undefined && releaseDate >= date);
}

function releasedUntil(value: string): Filter | undefined {
  const date = calendarDateSchema.safeParse(value).data;
  return date && (({ releaseDate }) => releaseDate !== undefined && releaseDate <= date);
}

function releasedInYear(value: string): Filter | undefined {
  return /^\d{4}$/.test(value) ? ({ releaseDate }) => releaseDate?.slice(0, 4) === value : undefined;
}

function compared(value: string, filter: (bound: number) => Filter): Filter | undefined {
  const bound = Number(value);
  return Number.isFinite(bound) ? filter(bound) : undefined;
}

/** TMDB reads a comma as "and", a bar as "or". */
function withGenres(value: string): Filter | undefined {
  const ids = value.split(/[,|]/).map(Number);
  if (!ids.every(Number.isInteger)) return undefined;
  const has = (film: Film, id: number): boolean => film.genres.some((genre) => genre.id === id);
  return value.includes("|") ? (film) => ids.some((id) => has(film, id)) : (film) => ids.every((id) => has(film, id));
}
