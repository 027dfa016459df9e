import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { DataFile } from "./data-file.ts";
import type { Film } from "./film.ts";
import { filmAt, isListedAt, isRatedAt, type Position, shiftedRating } from "./film-at.ts";
import { editedFilm, type FilmEdits } from "./film-edits.ts";
import { createFilmSet, type FilmSet } from "./film-set.ts";
import { IMDB_FILE_NAMES, type ImdbFileName, linesFile, type TsvFields, tableFile } from "./imdb-file.ts";
import { imdbIdsOf } from "./rated-ids.ts";
import { readTitleLines, type TitleLines } from "./title-lines.ts";

/** A whole set, and what its IMDb files say of its own films. */
export interface WholeSet {
  set: FilmSet;
  films: readonly Film[];
  /** Each film by its IMDb id; of two with one id the first to be released. */
  byTitle: ReadonlyMap<string, Film>;
  /** IMDb's average and votes of the set's films, in the order of the file. */
  ratings: ReadonlyMap<string, { average: number; votes: string }>;
  /** The lines of the set's films; each file is read when it is first asked for. */
  linesOf(name: ImdbFileName): Promise<TitleLines>;
}

/**
 * Reads the ratings once: every position of the clock is made from what is then in memory.
 * @throws SANDBOX_DATA_INVALID where they cannot be read
 */
export async function readWholeSet(set: FilmSet): Promise<WholeSet> {
  const films = set.inOrder({ field: "primary_release_date", direction: "asc" });
  const titles = imdbIdsOf(films);
  const read = new Map<ImdbFileName, Promise<TitleLines>>();
  const linesOf = (name: ImdbFileName): Promise<TitleLines> => {
    const lines = read.get(name) ?? readTitleLines(set.imdbFile(name), titles);
    read.set(name, lines);
    return lines;
  };
  return { set, films, byTitle: titlesOf(films), ratings: ratingsIn(await readRatings(linesOf)), linesOf };
}

async function readRatings(linesOf: WholeSet["linesOf"]): Promise<TitleLines> {
  try {
    return await linesOf("title.ratings");
  } catch (error) {
    throw new MarqueeError("SANDBOX_DATA_INVALID", `IMDb's ratings file cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

function ratingsIn(lines: TitleLines): WholeSet["ratings"] {
  const ratings = [...lines].map(([id, [line = ""]]) => {
    const [, average = "", votes = ""] = line.split("\t");
    return [id, { average: Number(average), votes }] as const;
  });
  return new Map(ratings);
}

function titlesOf(films: readonly Film[]): Map<string, Film> {
  const byTitle = new Map<string, Film>();
  for (const film of films) {
    if (film.imdbId !== undefined && !byTitle.has(film.imdbId)) byTitle.set(film.imdbId, film);
  }
  return byTitle;
}

/** The films that TMDB lists at a position, as it has them by then and after the edits. */
export function filmsAt({ films }: WholeSet, position: Position, edits: FilmEdits): Film[] {
  return films.flatMap((film) => {
    const edited = editedFilm(film, edits);
    return (edited && filmAt(edited, position)) ?? [];
  });
}

/** From where a set is seen. */
export interface Standpoint {
  position: Position;
  edits: FilmEdits;
  /** What `filmsAt` gives. */
  listed: readonly Film[];
  /** Changes since the start. */
  revision: number;
}

/**
 * The set at a position. IMDb's files have rows of its titles alone (of any other nobody knows when it came out), the
 * ratings of those that are rated by then; name.basics stays whole, since people have no date. What is edited or
 * deleted at TMDB stays as it is at IMDb.
 */
export function setAt(whole: WholeSet, { position, edits, listed, revision }: Standpoint): FilmSet {
  // A second for each change: HTTP's dates have to tell them apart.
  const observedAt = new Date(Date.parse(position.asOf) + revision * 1000);
  const titles = imdbIdsOf(whole.films.filter((film) => isListedAt(film, position)));
  const ratings = ratingRows(whole, position);
  const rated = new Set(ratings.map(([id]) => id));
  const imdbFiles: Partial<Record<ImdbFileName, DataFile>> = { "name.basics": whole.set.imdbFile("name.basics") };
  for (const name of IMDB_FILE_NAMES) {
    imdbFiles[name] ??= linesFile(name, async () => linesAmong(await whole.linesOf(name), titles), observedAt);
  }
  imdbFiles["title.ratings"] = tableFile("title.ratings", () => ratings, observedAt);
  return createFilmSet({
    name: `${whole.set.name}, as of ${position.asOf}`,
    description: `${whole.set.description} Shown is what was out by ${position.asOf}.`,
    films: listed,
    rated: listed.filter(({ imdbId }) => imdbId !== undefined && rated.has(imdbId)).length,
    imdbFiles,
    observedAt,
    deleted: [...edits.deleted.values()],
    revision,
  });
}

function linesAmong(lines: TitleLines, titles: ReadonlySet<string>): string[] {
  return [...lines].flatMap(([id, own]) => (titles.has(id) ? own.map((line) => `${line}\n`) : []));
}

function ratingRows({ ratings, byTitle }: WholeSet, position: Position): TsvFields[] {
  return [...ratings].flatMap(([id, { average, votes }]) => {
    const film = byTitle.get(id);
    if (!film || !isRatedAt(film, position)) return [];
    return [[id, shiftedRating(average, film, position.shift).toFixed(1), votes]];
  });
}
