import { GENRES } from "@marquee/shared/contracts/genres";
import type { Film, Genre } from "./film.ts";
import { type FilmOrder, sortFilms } from "./film-order.ts";
import { headerOnlyFile, IMDB_FILE_NAMES, type ImdbFile, type ImdbFileName } from "./imdb-file.ts";

/**
 * Everything that the sandbox serves. The routes know films through this alone, so a view of another set (one day only
 * what was out by a date) can stand in its place.
 */
export interface FilmSet {
  /** A few words, such as `vega-datasets sample`. */
  readonly name: string;
  /** A sentence or two: where the films are from and what of them is made up. */
  readonly description: string;
  /** Films served. */
  readonly size: number;
  /** Films whose IMDb id has a row in title.ratings. */
  readonly rated: number;
  readonly genres: readonly Genre[];
  film(id: number): Film | undefined;
  /** More than one where the data gives two films one id. */
  filmsOfImdb(imdbId: string): readonly Film[];
  inOrder(order: FilmOrder): readonly Film[];
  imdbFile(name: ImdbFileName): ImdbFile;
}

export interface FilmSetParts {
  name: string;
  description: string;
  /** With different ids. */
  films: readonly Film[];
  rated: number;
  /** Files that are not given are served with their header line alone. */
  imdbFiles: Partial<Record<ImdbFileName, ImdbFile>>;
  /** The Last-Modified of files that are not given. */
  observedAt: Date;
}

export function createFilmSet({ name, description, films, rated, imdbFiles, observedAt }: FilmSetParts): FilmSet {
  const byId = new Map<number, Film>(films.map((film) => [film.id, film]));
  const byImdbId = Map.groupBy(
    films.filter((film) => film.imdbId !== undefined),
    (film) => film.imdbId,
  );
  const orders = new Map<string, readonly Film[]>();
  const files = new Map(IMDB_FILE_NAMES.map((file) => [file, imdbFiles[file] ?? headerOnlyFile(file, observedAt)]));
  return {
    name,
    description,
    size: byId.size,
    rated,
    genres: genresOf(films),
    film: (id) => byId.get(id),
    filmsOfImdb: (imdbId) => byImdbId.get(imdbId) ?? [],
    inOrder: (order) => {
      const key = `${order.field}.${order.direction}`;
      const sorted = orders.get(key) ?? sortFilms(byId.values(), order);
      orders.set(key, sorted);
      return sorted;
    },
    imdbFile: (file) => files.get(file) ?? headerOnlyFile(file, observedAt),
  };
}

/** TMDB's genres and those that the films have besides (TMDB once had "Foreign"), by name as TMDB lists them. */
function genresOf(films: readonly Film[]): Genre[] {
  const byId = new Map<number, Genre>();
  for (const genre of [...films.flatMap((film) => film.genres), ...GENRES]) {
    byId.set(genre.id, { id: genre.id, name: genre.name });
  }
  return [...byId.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
