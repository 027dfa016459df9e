import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { type DataFile, diskFile } from "./data-file.ts";
import type { Film } from "./film.ts";
import { createFilmSet, type FilmSet } from "./film-set.ts";
import { IMDB_FILE_NAMES, type ImdbFileName } from "./imdb-file.ts";
import { headerProblem } from "./imdb-header.ts";
import { ownFilm } from "./own-film.ts";
import { countRated, imdbIdsOf, ratedIds } from "./rated-ids.ts";
import { openUnpacked, readLines } from "./read-lines.ts";
import { createRefusals, type Refusals, reasonOf } from "./refusals.ts";

/**
 * Films of one's own: every `*.jsonl` and `*.jsonl.gz` of the folder, one TMDB body a line, and whichever of IMDb's
 * seven `.tsv.gz` files lie beside them. Lines and files that cannot be read are refused, the rest is served.
 * @throws SANDBOX_DATA_INVALID when no film is left
 */
export async function loadOwnFilms(folder: string, log: Logger): Promise<FilmSet> {
  const refusals = createRefusals(log);
  const names = (await readdir(folder)).sort();
  const filmFiles = names.filter((name) => /\.jsonl(\.gz)?$/.test(name));
  const byId = new Map<number, Film>();
  for (const name of filmFiles) await readFilms(join(folder, name), byId, refusals);
  const films = [...byId.values()];
  const imdbFiles = await usableImdbFiles(folder, names, refusals);
  const rated = await readRatedIds(imdbFiles, films, refusals);
  if (refusals.count > 0) log.warn({ refused: refusals.count, films: films.length }, "sandbox: lines were refused");
  if (films.length === 0) throw nothingUsable(folder, filmFiles, refusals.count);
  return createFilmSet({
    name: `films of ${basename(folder)}`,
    description: `TMDB bodies of ${filmFiles.join(", ")} and ${Object.keys(imdbFiles).join(", ") || "none"} of IMDb's files.`,
    films,
    rated: countRated(films, rated),
    imdbFiles,
    observedAt: await newest(filmFiles.map((name) => join(folder, name))),
  });
}

async function newest(paths: readonly string[]): Promise<Date> {
  const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
  return new Date(Math.max(...times));
}

/** A ratings file that breaks off is served as it is, for the product to meet, but no film counts as rated. */
async function readRatedIds(
  imdbFiles: Partial<Record<ImdbFileName, DataFile>>,
  films: readonly Film[],
  refusals: Refusals,
): Promise<Set<string>> {
  try {
    return await ratedIds(imdbFiles["title.ratings"], imdbIdsOf(films));
  } catch (error) {
    refusals.refuse("title.ratings.tsv.gz", 1, `the file is damaged: ${errorMessage(error)}`);
    return new Set();
  }
}

async function readFilms(path: string, films: Map<number, Film>, refusals: Refusals): Promise<void> {
  const file = basename(path);
  let line = 1;
  try {
    for await (const batch of readLines(openUnpacked(path))) {
      line = batch.first;
      for (const text of batch.lines) {
        if (text.trim() !== "") readFilm(text, { file, line, films, refusals });
        line += 1;
      }
    }
  } catch (error) {
    refusals.refuse(file, line, `the file cannot be read from here on: ${errorMessage(error)}`);
  }
}

interface Place {
  file: string;
  line: number;
  films: Map<number, Film>;
  refusals: Refusals;
}

function readFilm(text: string, { file, line, films, refusals }: Place): void {
  try {
    const film = ownFilm(text);
    if (films.has(film.id)) refusals.refuse(file, line, `film ${film.id} came before`);
    else films.set(film.id, film);
  } catch (error) {
    refusals.refuse(file, line, reasonOf(error));
  }
}

async function usableImdbFiles(
  folder: string,
  names: readonly string[],
  refusals: Refusals,
): Promise<Partial<Record<ImdbFileName, DataFile>>> {
  const files: Partial<Record<ImdbFileName, DataFile>> = {};
  for (const name of IMDB_FILE_NAMES) {
    const file = `${name}.tsv.gz`;
    if (!names.includes(file)) continue;
    const problem = await headerProblem(join(folder, file), name);
    if (problem === undefined) files[name] = diskFile(join(folder, file));
    else refusals.refuse(file, 1, problem);
  }
  return files;
}

function nothingUsable(folder: string, filmFiles: readonly string[], refused: number): MarqueeError {
  const found =
    filmFiles.length === 0
      ? "it has no such file"
      : `of ${filmFiles.join(", ")} no line could be used (${refused} refused, the log says why)`;
  return new MarqueeError(
    "SANDBOX_DATA_INVALID",
    `${folder} holds no films. Looked for a folder tmdb5000 with TMDB 5000's CSV files, or for *.jsonl or *.jsonl.gz files with one TMDB movie body a line: ${found}.`,
  );
}
