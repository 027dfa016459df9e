import { type DataFile, gzipped, madeFile } from "./data-file.ts";

/** IMDb's data sets and their header lines, exactly (https://developer.imdb.com/non-commercial-datasets/). */
export const IMDB_COLUMNS = {
  "title.basics": [
    "tconst",
    "titleType",
    "primaryTitle",
    "originalTitle",
    "isAdult",
    "startYear",
    "endYear",
    "runtimeMinutes",
    "genres",
  ],
  "title.ratings": ["tconst", "averageRating", "numVotes"],
  "title.crew": ["tconst", "directors", "writers"],
  "title.principals": ["tconst", "ordering", "nconst", "category", "job", "characters"],
  "title.akas": ["titleId", "ordering", "title", "region", "language", "types", "attributes", "isOriginalTitle"],
  "title.episode": ["tconst", "parentTconst", "seasonNumber", "episodeNumber"],
  "name.basics": ["nconst", "primaryName", "birthYear", "deathYear", "primaryProfession", "knownForTitles"],
} as const;

export type ImdbFileName = keyof typeof IMDB_COLUMNS;

export const IMDB_FILE_NAMES = Object.keys(IMDB_COLUMNS) as ImdbFileName[];

export function isImdbFileName(text: string): text is ImdbFileName {
  return Object.hasOwn(IMDB_COLUMNS, text);
}

/** A file whose rows are made when it is first asked for. */
export function tableFile(name: ImdbFileName, makeRows: () => Iterable<TsvFields>, observedAt: Date): DataFile {
  return linesFile(name, async () => Array.from(makeRows(), tsvLine), observedAt);
}

/** A file whose lines, each with its line break, are made when it is first asked for. */
export function linesFile(name: ImdbFileName, makeLines: () => Promise<string[]>, observedAt: Date): DataFile {
  return madeFile(async () => gzipped(headerLine(name) + (await makeLines()).join("")), observedAt);
}

/** What IMDb would publish of a set without any title: the header line. */
export function headerOnlyFile(name: ImdbFileName, observedAt: Date): DataFile {
  return tableFile(name, () => [], observedAt);
}

export type TsvFields = readonly (string | number | null)[];

export function headerLine(name: ImdbFileName): string {
  return `${IMDB_COLUMNS[name].join("\t")}\n`;
}

/** IMDb's TSV has no quoting: `\N` is null, and a field cannot hold a tab or a line break. */
export function tsvLine(fields: TsvFields): string {
  return `${fields.map((field) => (field === null ? "\\N" : String(field).replace(/[\t\r\n]+/g, " "))).join("\t")}\n`;
}
