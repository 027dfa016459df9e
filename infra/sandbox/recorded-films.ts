import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import type { DataFile } from "./data-file.ts";
import { createFilm, type Film } from "./film.ts";
import { createFilmSet, type FilmSet } from "./film-set.ts";
import { countRated, ratedIds } from "./rated-ids.ts";
import { type CsvRow, readCsv } from "./read-csv.ts";
import { recordedImdbFiles, recordedRatings } from "./recorded-imdb.ts";
import {
  chosenIds,
  linkedIds,
  MOVIE_COLUMNS,
  type RecordedMovie,
  recordedCredits,
  recordedMovie,
} from "./recorded-mapping.ts";
import { createRefusals, type Refusals } from "./refusals.ts";

/** The folder whose presence tells recorded data from films of one's own. */
export const RECORDED_FOLDER = "tmdb5000";

/** Last-Modified of empty files where no file of IMDb's was recorded: the end of TMDB 5000's last year. */
const RECORDED_AT = new Date("2017-12-31T00:00:00Z");

/**
 * TMDB 5000 (films with full cast, crew and keywords) with the ids of links.csv and IMDb's files of the time.
 * @throws SANDBOX_DATA_INVALID when one of the three CSV files is missing or not of the form, or holds no usable film
 */
export async function loadRecordedFilms(folder: string, log: Logger): Promise<FilmSet> {
  const refusals = createRefusals(log);
  const imdbFolder = join(folder, "imdb");
  const ratings = await recordedRatings(imdbFolder);
  if (!ratings) log.warn({ folder }, "sandbox: no imdb/title.ratings.<day>.tsv.gz, so no film has a rating");
  const linked = await readLinks(folder);
  const rated = await readRatedIds(ratings?.file, new Set([...linked.values()].flat()));
  const movies = await readMovies(folder, chosenIds(linked, rated), refusals);
  const films = await joinCredits(folder, movies, refusals);
  const imdbFiles = await recordedImdbFiles(imdbFolder, { films, refusals });
  if (refusals.count > 0) log.warn({ refused: refusals.count, films: films.length }, "sandbox: lines were refused");
  if (films.length === 0) {
    throw new MarqueeError("SANDBOX_DATA_INVALID", `${join(folder, RECORDED_FOLDER)} holds no usable film.`);
  }
  return createFilmSet({
    name: "TMDB 5000 as recorded",
    description:
      "Films of 1916 to 2017 with full cast, crew and keywords as TMDB had them in 2017, and IMDb's ratings file of the time.",
    films,
    rated: countRated(films, rated),
    imdbFiles: ratings ? { ...imdbFiles, "title.ratings": ratings.file } : imdbFiles,
    observedAt: ratings?.observedAt ?? RECORDED_AT,
  });
}

async function readRatedIds(ratings: DataFile | undefined, wanted: ReadonlySet<string>): Promise<Set<string>> {
  try {
    return await ratedIds(ratings, wanted);
  } catch (error) {
    throw new MarqueeError("SANDBOX_DATA_INVALID", `IMDb's ratings file cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function readLinks(folder: string): Promise<Map<number, string[]>> {
  const rows: CsvRow[] = [];
  for await (const { row } of readCsv(await pathOf(folder, "links.csv"), ["imdbId", "tmdbId"])) rows.push(row);
  return linkedIds(rows);
}

async function readMovies(
  folder: string,
  imdbIds: ReadonlyMap<number, string>,
  refusals: Refusals,
): Promise<Map<number, RecordedMovie>> {
  const path = await pathOf(folder, "tmdb_5000_movies.csv");
  const movies = new Map<number, RecordedMovie>();
  for await (const { line, row } of readCsv(path, MOVIE_COLUMNS)) {
    const mapped = recordedMovie(row, imdbIds);
    if (!mapped.ok) refusals.refuse(basename(path), line, mapped.reason);
    else if (movies.has(mapped.value.body.id)) refusals.refuse(basename(path), line, `film ${row.id} came before`);
    else movies.set(mapped.value.body.id, mapped.value);
  }
  return movies;
}

/** A film without a row of credits is served without them. */
async function joinCredits(folder: string, movies: Map<number, RecordedMovie>, refusals: Refusals): Promise<Film[]> {
  const path = await pathOf(folder, "tmdb_5000_credits.csv");
  const films = new Map<number, Film>();
  for await (const { line, row } of readCsv(path, ["movie_id", "cast", "crew"])) {
    const mapped = recordedCredits(row);
    const movie = mapped.ok ? movies.get(mapped.value.id) : undefined;
    if (!mapped.ok) refusals.refuse(basename(path), line, mapped.reason);
    else if (!movie) refusals.refuse(basename(path), line, `no film ${row.movie_id} in tmdb_5000_movies.csv`);
    else films.set(movie.body.id, filmOf(movie, mapped.value.credits));
  }
  return [...movies].map(([id, movie]) => films.get(id) ?? filmOf(movie));
}

function filmOf({ body, details, keywords }: RecordedMovie, credits?: object): Film {
  return createFilm(body, { details, parts: { keywords, ...(credits ? { credits } : {}) } });
}

/** @throws SANDBOX_DATA_INVALID when the file is there neither gzipped nor plain */
async function pathOf(folder: string, name: string): Promise<string> {
  for (const path of [`${name}.gz`, name].map((file) => join(folder, RECORDED_FOLDER, file))) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new MarqueeError(
    "SANDBOX_DATA_INVALID",
    `${join(folder, RECORDED_FOLDER)} has no ${name}.gz (nor ${name}), which belongs to TMDB 5000.`,
  );
}
