import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** One state of a published file. */
export interface DataFileState {
  bytes: number;
  /** In quotes, as the header has it. */
  etag: string;
  lastModified: Date;
  open(): Readable;
}

/** A gzipped file that a source publishes, wherever its bytes come from. */
export interface DataFile {
  state(): Promise<DataFileState>;
}

/**
 * A gzipped file on disk, streamed when it is asked for. One that is replaced while the sandbox runs is noticed.
 * @param observedAt the Last-Modified header; the file's own time unless given
 */
export function diskFile(path: string, observedAt?: Date): DataFile {
  return {
    state: async () => {
      const { size, mtime } = await stat(path);
      const lastModified = observedAt ?? mtime;
      return {
        bytes: size,
        etag: `"${size.toString(16)}-${lastModified.getTime().toString(16)}"`,
        lastModified,
        open: () => createReadStream(path),
      };
    },
  };
}

/** A file that is made when it is first asked for and kept in memory, gzipped: for sets of a few megabytes. */
export function madeFile(makeGzipped: () => Promise<Buffer>, observedAt: Date): DataFile {
  let made: Promise<DataFileState> | undefined;
  async function make(): Promise<DataFileState> {
    const gzipped = await makeGzipped();
    const etag = `"${createHash("sha256").update(gzipped).digest("hex").slice(0, 32)}"`;
    return { bytes: gzipped.length, etag, lastModified: observedAt, open: () => Readable.from([gzipped]) };
  }
  return {
    state: () => {
      made ??= make();
      return made;
    },
  };
}

export const gzipped: (text: string) => Promise<Buffer> = promisify(gzip);
