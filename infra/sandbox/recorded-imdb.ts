import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import {
  diskFile,
  headerLine,
  type ImdbFile,
  type ImdbFileName,
  madeFile,
  type TsvFields,
  tsvLine,
} from "./imdb-file.ts";
import { type CsvRow, readCsv } from "./read-csv.ts";

const RATINGS_NAME = /^title\.ratings\.(\d{4}-\d{2}-\d{2})\.tsv\.gz$/;
/** Rows put together before they are handed to gzip; one by one costs four times as long. */
const ROWS_A_PIECE = 2000;

interface RecordedImdb {
  files: Partial<Record<ImdbFileName, ImdbFile>>;
  /** The day of the ratings; undefined without them. */
  observedAt: Date | undefined;
}

/**
 * IMDb's files of the recorded folder: the ratings byte-true from disk, dated by the day in their name (the latest where
 * there are several); basics and crew from the CSVs of 2010-2019, put back into IMDb's form when they are first asked for.
 */
export async function recordedImdbFiles(folder: string): Promise<RecordedImdb> {
  const names: string[] = await readdir(folder).catch(() => []);
  const files: RecordedImdb["files"] = {};
  const ratings = names
    .filter((name) => RATINGS_NAME.test(name))
    .sort()
    .at(-1);
  const day = ratings?.match(RATINGS_NAME)?.[1];
  const observedAt = day === undefined ? undefined : new Date(`${day}T00:00:00Z`);
  if (ratings !== undefined) files["title.ratings"] = diskFile(join(folder, ratings), observedAt);
  for (const table of TABLES) {
    if (!names.includes(table.csv)) continue;
    const path = join(folder, table.csv);
    const { mtime } = await stat(path);
    files[table.name] = madeFile(() => gzippedTsv(path, table), mtime);
  }
  return { files, observedAt };
}

/** How one of the CSVs becomes one of IMDb's files. */
interface CsvTable {
  name: ImdbFileName;
  csv: string;
  columns: readonly string[];
  toFields: (row: CsvRow) => TsvFields;
}

const TABLES: readonly CsvTable[] = [
  {
    name: "title.basics",
    csv: "2010-2019.title.basics.csv.gz",
    columns: ["tconst", "primary_title", "original_title", "start_year", "runtime_minutes", "genres"],
    toFields: basicsFields,
  },
  {
    name: "title.crew",
    csv: "2010-2019.title.crew.csv.gz",
    columns: ["tconst", "directors", "writers"],
    toFields: crewFields,
  },
];

export function basicsFields(row: CsvRow): TsvFields {
  const title = row.primary_title ?? "";
  return [
    row.tconst ?? null,
    "movie",
    title,
    row.original_title || title,
    0,
    row.start_year || null,
    null,
    row.runtime_minutes || null,
    row.genres || null,
  ];
}

export function crewFields(row: CsvRow): TsvFields {
  return [row.tconst ?? null, row.directors || null, row.writers || null];
}

async function gzippedTsv(path: string, { name, columns, toFields }: CsvTable): Promise<Buffer> {
  async function* text(): AsyncGenerator<string> {
    yield headerLine(name);
    let piece: string[] = [];
    for await (const { row } of readCsv(path, columns)) {
      piece.push(tsvLine(toFields(row)));
      if (piece.length < ROWS_A_PIECE) continue;
      yield piece.join("");
      piece = [];
    }
    yield piece.join("");
  }
  const source = Readable.from(text());
  const gzip = createGzip();
  source.once("error", (error) => gzip.destroy(error));
  return buffer(source.pipe(gzip));
}
