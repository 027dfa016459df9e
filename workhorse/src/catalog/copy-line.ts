import { storableText } from "./storable-text.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** What a column takes; a list goes into a column of text[]. */
export type CopyValue = string | number | null | readonly string[];

/** A row in COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html, Text Format. */
export function copyLine(values: readonly CopyValue[]): string {
  return `${values.map(copyField).join("\t")}\n`;
}

function copyField(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : arrayLiteral(value);
  return storableText(text).replace(/[\\\t\n\r]/gu, (character) => ESCAPES[character] ?? character);
}

/** A list as a value of text[]: https://www.postgresql.org/docs/current/arrays.html, Array Input and Output Syntax. */
export function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** Characters handed over at a time: large enough to be quick, in UTF-16 code units. */
const CHUNK_LENGTH = 256 * 1_024;

/** Lines in chunks that a stream takes well. */
export async function* copyChunks(lines: Iterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
