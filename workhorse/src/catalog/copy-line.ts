import { storableText } from "./storable-text.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A row in COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html, Text Format. */
export function copyLine(values: readonly (string | number | null)[]): string {
  return `${values.map(copyField).join("\t")}\n`;
}

function copyField(value: string | number | null): string {
  if (value === null) return "\\N";
  if (typeof value === "number") return String(value);
  return storableText(value).replace(/[\\\t\n\r]/gu, (character) => ESCAPES[character] ?? character);
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
