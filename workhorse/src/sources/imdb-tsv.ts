import { StringDecoder } from "node:string_decoder";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";

/** IMDb's word for "no value". */
const NULL = "\\N";

/** No line of any file of IMDb's comes near it. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Which of a line's fields are the columns asked for; a file may have more of them, in any order. */
export interface TsvHeader {
  /** Fields of every line. */
  fields: number;
  /** Where each column asked for stands. */
  wanted: readonly number[];
}

/** One line's fields in the order asked for; null where the file says \N. */
export type TsvRow = (string | null)[];

/** @throws SOURCE_BODY_INVALID naming the columns that the file lacks */
export function readTsvHeader(line: string, columns: readonly string[]): TsvHeader {
  const names = line
    .replace(/^\uFEFF/, "")
    .replace(/\r$/, "")
    .split("\t");
  const wanted = columns.map((column) => names.indexOf(column));
  const missing = columns.filter((_, i) => wanted[i] === -1);
  if (missing.length === 0) return { fields: names.length, wanted };
  throw wrongForm(`has no column ${missing.join(", ")}; it has ${names.join(", ").slice(0, 200)}`);
}

/**
 * The lines of an unzipped file that is cut anywhere, without their line ends, in batches that fit into memory. The
 * format has no quoting: a quote is a quote, a line is a row (https://developer.imdb.com/non-commercial-datasets/).
 * @throws SOURCE_BODY_INVALID when the header lacks a column or a line has no end; what `text` throws
 */
export async function* readTsvLines(
  text: AsyncIterable<Buffer>,
  columns: readonly string[],
): AsyncGenerator<{ header: TsvHeader; lines: string[] }> {
  const decoder = new StringDecoder("utf8");
  let header: TsvHeader | undefined;
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_BYTES) throw lineTooLong();
    if (header === undefined) {
      const first = lines.shift();
      if (first === undefined) continue;
      header = readTsvHeader(first, columns);
    }
    if (lines.length > 0) yield { header, lines: lines.map(withoutReturn) };
  }
  rest += decoder.end();
  if (header === undefined) readTsvHeader(rest, columns);
  else if (rest !== "") yield { header, lines: [withoutReturn(rest)] };
}

/** @returns undefined where the line has another number of fields than the header */
export function readTsvRow(line: string, header: TsvHeader): TsvRow | undefined {
  const fields = line.split("\t");
  if (fields.length !== header.fields) return undefined;
  return header.wanted.map((at) => {
    const field = fields[at];
    return field === undefined || field === NULL ? null : field;
  });
}

export function lineTooLong(): MarqueeError {
  return wrongForm(`has a line of more than ${MAX_LINE_BYTES.toLocaleString("en")} bytes: it is no TSV of theirs`);
}

/** Whether a file, whole as it is, cannot be read by us: reading it again changes nothing. */
export function isWrongForm(error: unknown): error is MarqueeError {
  return isMarqueeError(error, "SOURCE_BODY_INVALID") && error.details.fault === "wrong_form";
}

function wrongForm(how: string): MarqueeError {
  return new MarqueeError("SOURCE_BODY_INVALID", `IMDb's file ${how}.`, { details: { fault: "wrong_form" } });
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
