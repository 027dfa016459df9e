import { GENRES } from "@marquee/shared/contracts/genres";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { DataFile } from "./data-file.ts";
import type { Film, Genre } from "./film.ts";
import { type FilmOrder, sortFilms } from "./film-order.ts";
import { type ExportKind, exportFile } from "./id-export.ts";
import { headerOnlyFile, IMDB_FILE_NAMES, type ImdbFileName } from "./imdb-file.ts";

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
  imdbFile(name: ImdbFileName): DataFile;
  /** TMDB's list of ids; its Last-Modified is the day that it is asked for. */
  idExport(kind: ExportKind): DataFile;
  /** Films that TMDB had and has no more. */
  readonly deleted: readonly DeletedFilm[];
  /** How often what is shown has changed since the start; two states of one day are told apart by it. */
  readonly revision: number;
}

export interface DeletedFilm {
  readonly id: TmdbId;
  readonly changedOn: CalendarDate;
}

export interface FilmSetParts {
  name: string;
  description: string;
  /** With different ids. */
  films: readonly Film[];
  rated: number;
  /** Files that are not given are served with their header line alone. */
  imdbFiles: Partial<Record<ImdbFileName, DataFile>>;
  /** The Last-Modified of files that are not given. */
  observedAt: Date;
  /** None unless given. */
  deleted?: readonly DeletedFilm[];
  /** 0 unless given. */
  revision?: number;
}

export function createFilmSet(parts: FilmSetParts): FilmSet {
  const { name, description, films, rated, imdbFiles, observedAt, deleted = [], revision = 0 } = parts;
  const byId = new Map<number, Film>(films.map((film) => [film.id, film]));
  const byImdbId = Map.groupBy(
    films.filter((film) => film.imdbId !== undefined),
    (film) => film.imdbId,
  );
  const orders = new Map<string, readonly Film[]>();
  const files = new Map(IMDB_FILE_NAMES.map((file) => [file, imdbFiles[file] ?? headerOnlyFile(file, observedAt)]));
  const exports = {
    movie_ids: exportFile("movie_ids", films, observedAt),
    adult_movie_ids: exportFile("adult_movie_ids", films, observedAt),
  };
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
    idExport: (kind) => exports[kind],
    deleted,
    revision,
  };
}

/** A set whose every answer is the present one's. */
export function followingSet(present: () => FilmSet): FilmSet {
  return {
    get name() {
      return present().name;
    },
    get description() {
      return present().description;
    },
    get size() {
      return present().size;
    },
    get rated() {
      return present().rated;
    },
    get genres() {
      return present().genres;
    },
    get deleted() {
      return present().deleted;
    },
    get revision() {
      return present().revision;
    },
    film: (id) => present().film(id),
    filmsOfImdb: (imdbId) => present().filmsOfImdb(imdbId),
    inOrder: (order) => present().inOrder(order),
    imdbFile: (name) => present().imdbFile(name),
    idExport: (kind) => present().idExport(kind),
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
