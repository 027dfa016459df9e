import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { type DataFile, madeFile } from "./data-file.ts";
import { headerLine, type ImdbFileName } from "./imdb-file.ts";
import { openUnpacked, readLines } from "./read-lines.ts";

/** A file's lines after its header, without their line breaks, in batches. */
export type LineSource = () => AsyncIterable<readonly string[]>;

/** The lines of one of IMDb's files on disk. */
export function slice(path: string): LineSource {
  return async function* () {
    for await (const { first, lines } of readLines(openUnpacked(path))) yield first === 1 ? lines.slice(1) : lines;
  };
}

/**
 * One of IMDb's files out of several sources, made when it is first asked for. A title or person is taken from the
 * first source that has it, with all its lines there.
 */
export function mergedFile(name: ImdbFileName, sources: readonly LineSource[], observedAt: Date): DataFile {
  return madeFile(() => {
    const text = Readable.from(mergedText(name, sources));
    const gzip = createGzip();
    text.once("error", (error) => gzip.destroy(error));
    return buffer(text.pipe(gzip));
  }, observedAt);
}

async function* mergedText(name: ImdbFileName, sources: readonly LineSource[]): AsyncGenerator<string> {
  yield headerLine(name);
  const earlier = new Set<string>();
  for (const source of sources) {
    const own = new Set<string>();
    for await (const batch of source()) {
      const lines = batch.filter((line) => line !== "" && !earlier.has(keyOf(line)));
      for (const line of lines) own.add(keyOf(line));
      yield lines.map((line) => `${line}\n`).join("");
    }
    for (const key of own) earlier.add(key);
  }
}

function keyOf(line: string): string {
  return line.slice(0, line.indexOf("\t"));
}
