import { type ImdbFileName, type TsvFields, tsvLine } from "./imdb-file.ts";
import type { LineSource } from "./merged-file.ts";
import { type CsvRow, readCsv } from "./read-csv.ts";

/** Rows put together before they are handed on; one by one costs four times as long. */
const ROWS_A_BATCH = 2000;

/** How one of the recorded CSVs becomes lines of one of IMDb's files. */
export interface CsvTable {
  name: ImdbFileName;
  csv: string;
  columns: readonly string[];
  toFields: (row: CsvRow) => TsvFields;
}

export const CSV_TABLES: readonly CsvTable[] = [
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

export function csvLines(path: string, { columns, toFields }: CsvTable): LineSource {
  return async function* () {
    let batch: string[] = [];
    for await (const { row } of readCsv(path, columns)) {
      batch.push(tsvLine(toFields(row)).trimEnd());
      if (batch.length < ROWS_A_BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  };
}
