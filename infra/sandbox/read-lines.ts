import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** Lines in a row, without their line breaks; `first` is the number of the first, counted from 1. */
export interface LineBatch {
  first: number;
  lines: string[];
}

/** A file's bytes, unpacked where its name ends in `.gz`. */
export function openUnpacked(path: string): Readable {
  return path.endsWith(".gz") ? unpacked(createReadStream(path)) : createReadStream(path);
}

/** What the gzipped stream holds; an error of the stream underneath comes out here too. */
export function unpacked(gzipped: Readable): Readable {
  const text = createGunzip();
  gzipped.once("error", (error) => text.destroy(error));
  return gzipped.pipe(text);
}

/**
 * Reads text by lines, a chunk in memory at a time. Batches, since an await for each line of a million is what costs.
 * @throws what the stream throws, e.g. for a gzip file that is cut off; lines before that have been yielded
 */
export async function* readLines(bytes: Readable): AsyncGenerator<LineBatch> {
  const text = bytes.setEncoding("utf8");
  let first = 1;
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield { first, lines };
    first += lines.length;
  }
  if (rest !== "") yield { first, lines: [rest] };
}
