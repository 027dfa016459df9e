import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { type Info, parse } from "csv-parse";
import { openUnpacked } from "./read-lines.ts";

/** A row by its header's names; a field that the row lacks is absent. */
export type CsvRow = Readonly<Record<string, string>>;

/** A row and the number of the line that it ends on; fields may hold line breaks. */
export interface CsvRecord {
  line: number;
  row: CsvRow;
}

/**
 * Reads a CSV file, gzipped or not, row by row.
 * @param columns that the header must have
 * @throws SANDBOX_DATA_INVALID when the header lacks a column, the quoting is broken or the gzip stream is damaged
 */
export async function* readCsv(path: string, columns: readonly string[]): AsyncGenerator<CsvRecord> {
  const parser = parse({ columns: (header: string[]) => checked(path, header, columns), info: true, bom: true });
  // Its failure is the parser's, which the loop below meets.
  const fed = pipeline(openUnpacked(path), parser).catch(() => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: CsvRow; info: Info }>) {
      yield { line: info.lines, row: record };
    }
  } catch (error) {
    if (error instanceof MarqueeError) throw error;
    throw new MarqueeError("SANDBOX_DATA_INVALID", `${path} cannot be read as CSV: ${errorMessage(error)}`, {
      cause: error,
    });
  } finally {
    parser.destroy();
    await fed;
  }
}

function checked(path: string, header: string[], columns: readonly string[]): string[] {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new MarqueeError(
    "SANDBOX_DATA_INVALID",
    `${basename(path)} has no column ${missing.join(", ")}; it has ${header.join(", ").slice(0, 200)}.`,
  );
}
