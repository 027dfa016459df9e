import { PassThrough } from "node:stream";
import { countLines } from "../archive/hash-stream.ts";

/** Proves that a file is a whole gzip stream while its bytes come, so that it need not be read once more for that. */
export interface GzipCheck {
  /** Resolves when more can be taken. */
  add(chunk: Buffer): Promise<void>;
  /**
   * To be called when all has come.
   * @returns lines but for the header
   * @throws a zlib error (`Z_…`) where what came is no whole gzip stream
   */
  rows(): Promise<number>;
  /** Lets go of what it holds. */
  drop(): void;
}

export function createGzipCheck(): GzipCheck {
  const zipped = new PassThrough();
  const lines = countLines(zipped);
  // Whoever calls `rows` hears of it; until then more of the file may come.
  lines.catch(() => undefined);
  return {
    add: (chunk) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      zipped.write(chunk, () => resolve());
      return promise;
    },
    rows: async () => {
      zipped.end();
      return Math.max(0, (await lines) - 1);
    },
    drop: () => {
      zipped.destroy(new Error("The file is not read further."));
    },
  };
}
