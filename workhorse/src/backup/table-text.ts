import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";

const LINE_FEED = 0x0a;

/** Of a table's text. */
export interface TextMeasure {
  rows: number;
  bytes: number;
  sha256: string;
}

export interface Meter {
  /** The same chunks, measured on their way. */
  measured(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** Of all that has passed. */
  total(): TextMeasure;
}

/** Measures what `copy` gives: a line a row, since a line feed within a value is written as `\n`. */
export function createMeter(signal: AbortSignal): Meter {
  const hash = createHash("sha256");
  let rows = 0;
  let bytes = 0;
  return {
    async *measured(source) {
      for await (const chunk of source) {
        signal.throwIfAborted();
        hash.update(chunk);
        bytes += chunk.length;
        rows += linesIn(chunk);
        yield chunk;
      }
    },
    total: () => ({ rows, bytes, sha256: hash.copy().digest("hex") }),
  };
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/**
 * Begins with its first reader, and ends with it: once `return` has resolved nothing reads from `source` any more.
 * Fails with what `source` throws, as it came.
 */
export async function* gzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip();
  // Its errors come out where the result is read.
  const fed = new Promise<void>((resolve) => pipeline(Readable.from(source), gzip, () => resolve()));
  try {
    for await (const chunk of gzip) yield chunk as Buffer;
  } finally {
    await fed;
  }
}

/** Fails with what `source` fails with, and with zlib's error (its code begins with Z_) where that is not whole. */
export function gunzipped(source: Readable): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  pipeline(source, gunzip, () => {});
  return gunzip;
}
