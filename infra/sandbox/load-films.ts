import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import type { FilmSet } from "./film-set.ts";
import { loadOwnFilms } from "./own-films.ts";
import { loadRecordedFilms, RECORDED_FOLDER } from "./recorded-films.ts";
import { loadVegaFilms } from "./vega-films.ts";

/**
 * Loads the films to serve; what a folder holds decides how it is read (README.md, Data).
 * @param folder undefined: the default set, which needs nothing but the installed packages
 * @throws SANDBOX_DATA_INVALID when there is no such folder or nothing in it can be used, saying what was looked for
 */
export async function loadFilms(folder: string | undefined, log: Logger): Promise<FilmSet> {
  const started = performance.now();
  const films = await loaderOf(folder, log);
  const milliseconds = Math.round(performance.now() - started);
  log.info({ set: films.name, films: films.size, rated: films.rated, milliseconds }, "sandbox: films loaded");
  return films;
}

async function loaderOf(folder: string | undefined, log: Logger): Promise<FilmSet> {
  if (folder === undefined) return loadVegaFilms(log);
  const path = resolve(folder);
  if (!(await isFolder(path))) {
    throw new MarqueeError("SANDBOX_DATA_INVALID", `There is no folder ${path} to read films from.`);
  }
  const recorded = await isFolder(join(path, RECORDED_FOLDER));
  return recorded ? loadRecordedFilms(path, log) : loadOwnFilms(path, log);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
