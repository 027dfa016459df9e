import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type DataFile, diskFile } from "./data-file.ts";
import { directorNames } from "./director-names.ts";
import type { Film } from "./film.ts";
import { IMDB_FILE_NAMES, type ImdbFileName } from "./imdb-file.ts";
import { headerProblem } from "./imdb-header.ts";
import { type LineSource, mergedFile, slice } from "./merged-file.ts";
import { CSV_TABLES, csvLines } from "./recorded-csv.ts";
import type { Refusals } from "./refusals.ts";

const RATINGS_NAME = /^title\.ratings\.(\d{4}-\d{2}-\d{2})\.tsv\.gz$/;
/** Folders with some rows of each of IMDb's files. A folder before another wins where both have a title or person. */
const SLICE_NAME = /^slice-/;

/**
 * IMDb's ratings of the recorded folder, byte-true from disk, dated by the day in their name (the latest where there are
 * several); undefined without them.
 */
export async function recordedRatings(folder: string): Promise<{ file: DataFile; observedAt: Date } | undefined> {
  const name = (await namesIn(folder))
    .filter((name) => RATINGS_NAME.test(name))
    .sort()
    .at(-1);
  const day = name?.match(RATINGS_NAME)?.[1];
  if (name === undefined || day === undefined) return undefined;
  const observedAt = new Date(`${day}T00:00:00Z`);
  return { file: diskFile(join(folder, name), observedAt), observedAt };
}

export interface RecordedImdbOptions {
  films: readonly Film[];
  refusals: Refusals;
}

/**
 * IMDb's other files: rows of its own files where slices of them were recorded, then basics and crew from the CSVs of
 * 2010-2019 put back into IMDb's form, and names of directors that follow from the two sources. One that lies on disk
 * as a single file is sent byte for byte; the rest are put together when they are first asked for.
 */
export async function recordedImdbFiles(
  folder: string,
  { films, refusals }: RecordedImdbOptions,
): Promise<Partial<Record<ImdbFileName, DataFile>>> {
  const recordings = [...(await slicesIn(folder, refusals)), ...(await csvsIn(folder))];
  const files: Partial<Record<ImdbFileName, DataFile>> = {};
  for (const name of IMDB_FILE_NAMES) {
    if (name === "title.ratings") continue;
    const own = recordings.filter((recording) => recording.name === name);
    const crew = name === "name.basics" ? recordings.filter((recording) => recording.name === "title.crew") : [];
    const sources = [...own.map(({ lines }) => lines), ...crew.map(({ lines }) => directorNames(films, lines))];
    const [first] = own;
    if (sources.length === 0) continue;
    files[name] =
      sources.length === 1 && first?.whole
        ? diskFile(first.path)
        : mergedFile(name, sources, newest([...own, ...crew]));
  }
  return files;
}

/** Rows of one of IMDb's files in a file on disk. */
interface Recording {
  name: ImdbFileName;
  path: string;
  lines: LineSource;
  modifiedAt: Date;
  /** Whether the file has IMDb's own form. */
  whole: boolean;
}

async function slicesIn(folder: string, refusals: Refusals): Promise<Recording[]> {
  const found: Recording[] = [];
  for (const sliceName of (await namesIn(folder)).filter((name) => SLICE_NAME.test(name)).sort()) {
    const names = await namesIn(join(folder, sliceName));
    for (const name of IMDB_FILE_NAMES) {
      const path = join(folder, sliceName, `${name}.tsv.gz`);
      if (!names.includes(`${name}.tsv.gz`)) continue;
      const problem = await headerProblem(path, name);
      if (problem === undefined)
        found.push({ name, path, lines: slice(path), modifiedAt: await timeOf(path), whole: true });
      else refusals.refuse(`${sliceName}/${name}.tsv.gz`, 1, problem);
    }
  }
  return found;
}

async function csvsIn(folder: string): Promise<Recording[]> {
  const names = await namesIn(folder);
  const tables = CSV_TABLES.filter(({ csv }) => names.includes(csv));
  return Promise.all(
    tables.map(async (table) => {
      const path = join(folder, table.csv);
      const lines = csvLines(path, table);
      return { name: table.name, path, lines, modifiedAt: await timeOf(path), whole: false };
    }),
  );
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function timeOf(path: string): Promise<Date> {
  return (await stat(path)).mtime;
}

function newest(recordings: readonly Recording[]): Date {
  return new Date(Math.max(...recordings.map(({ modifiedAt }) => modifiedAt.getTime())));
}
