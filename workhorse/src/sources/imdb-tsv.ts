import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";

/** IMDb's word for "no value". */
const NULL = "\\N";

/** One line's fields in the order asked for; null where the file says \N. */
export type TsvRow = (string | null)[];

/**
 * Reads one of IMDb's gzipped TSV files as batches of rows, in memory for a chunk at a time. The format has no quoting:
 * a quote is a quote, a line is a row (https://developer.imdb.com/non-commercial-datasets/).
 * A line with another number of fields than the header is yielded in `bad`, with its text.
 * @throws SOURCE_BODY_INVALID when the header lacks a column or the gzip stream is cut off
 */
export async function* readImdbTsv(
  gzipped: Readable,
  columns: readonly string[],
): AsyncGenerator<{ rows: TsvRow[]; bad: string[] }> {
  const text = gzipped.pipe(createGunzip()).setEncoding("utf8");
  gzipped.once("error", (error) => text.destroy(error));
  let header: { fields: number; wanted: number[] } | undefined;
  let rest = "";
  try {
    for await (const chunk of text) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      header ??= readHeader(lines.shift(), columns);
      if (header && lines.length > 0) yield splitLines(lines, header);
    }
  } catch (error) {
    if (isMarqueeError(error)) throw error;
    throw new MarqueeError(
      "SOURCE_BODY_INVALID",
      "IMDb's file is not whole: its gzip stream ends early or is damaged.",
      { cause: error },
    );
  }
  if (!header) header = readHeader(rest, columns);
  else if (rest !== "") yield splitLines([rest], header);
}

function readHeader(
  line: string | undefined,
  columns: readonly string[],
): { fields: number; wanted: number[] } | undefined {
  if (line === undefined) return undefined;
  const names = line.replace(/\r$/, "").split("\t");
  const wanted = columns.map((column) => names.indexOf(column));
  const missing = columns.filter((_, i) => wanted[i] === -1);
  if (missing.length > 0) {
    throw new MarqueeError(
      "SOURCE_BODY_INVALID",
      `IMDb's file has no column ${missing.join(", ")}; it has ${names.join(", ").slice(0, 200)}.`,
    );
  }
  return { fields: names.length, wanted };
}

function splitLines(
  lines: readonly string[],
  header: { fields: number; wanted: number[] },
): { rows: TsvRow[]; bad: string[] } {
  const rows: TsvRow[] = [];
  const bad: string[] = [];
  for (const line of lines) {
    const fields = line.split("\t");
    if (fields.length !== header.fields) bad.push(line);
    else rows.push(header.wanted.map((i) => fieldValue(fields[i])));
  }
  return { rows, bad };
}

function fieldValue(field: string | undefined): string | null {
  return field === undefined || field === NULL ? null : field;
}
