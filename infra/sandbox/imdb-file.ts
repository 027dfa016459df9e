import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

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

/** One state of a gzipped data set. */
export interface ImdbFileState {
  bytes: number;
  /** In quotes, as the header has it. */
  etag: string;
  lastModified: Date;
  open(): Readable;
}

/** One of IMDb's data sets, wherever its bytes come from. */
export interface ImdbFile {
  state(): Promise<ImdbFileState>;
}

/**
 * A gzipped file on disk, streamed when it is asked for. One that is replaced while the sandbox runs is noticed.
 * @param observedAt the Last-Modified header; the file's own time unless given
 */
export function diskFile(path: string, observedAt?: Date): ImdbFile {
  return {
    state: async () => {
      const { size, mtime } = await stat(path);
      const lastModified = observedAt ?? mtime;
      return {
        bytes: size,
        etag: `"${size.toString(16)}-${lastModified.getTime().toString(16)}"`,
        lastModified,
        open: () => createReadStream(path),
      };
    },
  };
}

/** A file that is made when it is first asked for and kept in memory, gzipped: for sets of a few megabytes. */
export function madeFile(makeGzipped: () => Promise<Buffer>, observedAt: Date): ImdbFile {
  let made: Promise<ImdbFileState> | undefined;
  async function make(): Promise<ImdbFileState> {
    const gzipped = await makeGzipped();
    const etag = `"${createHash("sha256").update(gzipped).digest("hex").slice(0, 32)}"`;
    return { bytes: gzipped.length, etag, lastModified: observedAt, open: () => Readable.from([gzipped]) };
  }
  return {
    state: () => {
      made ??= make();
      return made;
    },
  };
}

/** A file whose rows are made when it is first asked for. */
export function tableFile(name: ImdbFileName, makeRows: () => Iterable<TsvFields>, observedAt: Date): ImdbFile {
  return linesFile(name, async () => Array.from(makeRows(), tsvLine), observedAt);
}

/** A file whose lines, each with its line break, are made when it is first asked for. */
export function linesFile(name: ImdbFileName, makeLines: () => Promise<string[]>, observedAt: Date): ImdbFile {
  return madeFile(async () => gzipped(headerLine(name) + (await makeLines()).join("")), observedAt);
}

/** What IMDb would publish of a set without any title: the header line. */
export function headerOnlyFile(name: ImdbFileName, observedAt: Date): ImdbFile {
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

const gzipped: (text: string) => Promise<Buffer> = promisify(gzip);
