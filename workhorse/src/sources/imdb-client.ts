import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "@marquee/shared/service/clock";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import { retry } from "@marquee/shared/service/retry";
import axios from "axios";
import { noAnswer, refusal, type SourceWords } from "./source-error.ts";

/** The data sets that the catalog is made from so far, of the seven that IMDb publishes. */
export const IMDB_FILES = ["title.basics", "title.ratings"] as const;
export type ImdbFile = (typeof IMDB_FILES)[number];

/** Silence for so long ends a download, in milliseconds. */
const TIMEOUT_MS = 60_000;
const ATTEMPTS = 4;

const IMDB: SourceWords = { name: "IMDb", keyAdvice: "The data sets need no key: check IMDB_BASE_URL." };

export interface ImdbClientOptions {
  /** Without slash at the end: `https://datasets.imdbws.com`. */
  baseUrl: string;
  clock: Clock;
  log: Logger;
  signal?: AbortSignal;
}

/** What identifies one state of a file. */
export interface FileState {
  etag: string | undefined;
  /** The day of its Last-Modified header, on which its ratings were observed. */
  modified: Date;
}

export interface ImdbClient {
  /**
   * Streams the file to `path` unless it still has `knownEtag`.
   * @returns undefined when it has not changed
   */
  download(file: ImdbFile, knownEtag: string | undefined, path: string): Promise<FileState | undefined>;
}

export function createImdbClient({ baseUrl, clock, log, signal }: ImdbClientOptions): ImdbClient {
  async function once(file: ImdbFile, knownEtag: string | undefined, path: string): Promise<FileState | undefined> {
    const what = `${file}.tsv.gz`;
    const answer = await axios
      .get<Readable>(`${baseUrl}/${what}`, {
        responseType: "stream",
        // The payload itself is gzip and is kept as it comes.
        decompress: false,
        ...(isLoopback(baseUrl) ? { proxy: false } : {}),
        timeout: TIMEOUT_MS,
        validateStatus: () => true,
        headers: knownEtag === undefined ? {} : { "if-none-match": knownEtag },
        ...(signal ? { signal } : {}),
      })
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw noAnswer(IMDB, what, error);
      });
    if (answer.status === 304) {
      answer.data.destroy();
      return undefined;
    }
    if (answer.status !== 200) {
      answer.data.destroy();
      throw refusal(
        IMDB,
        what,
        { status: answer.status, body: "", retryAfter: answer.headers["retry-after"] },
        clock.now(),
      );
    }
    await save(answer.data, path, what, Number(answer.headers["content-length"]));
    return {
      etag: headerText(answer.headers.etag),
      modified: new Date(headerText(answer.headers["last-modified"]) ?? clock.now()),
    };
  }

  async function save(body: Readable, path: string, what: string, promisedBytes: number): Promise<void> {
    try {
      await pipeline(body, createWriteStream(path), ...(signal ? [{ signal }] : []));
    } catch (error) {
      signal?.throwIfAborted();
      if (isFileError(error)) throw error;
      throw new MarqueeError("SOURCE_UNAVAILABLE", `IMDb's ${what} broke off (${errorMessage(error)}).`, {
        cause: error,
      });
    }
    const { size } = await stat(path);
    if (Number.isFinite(promisedBytes) && size !== promisedBytes) {
      throw new MarqueeError("SOURCE_UNAVAILABLE", `IMDb's ${what} ended after ${size} of ${promisedBytes} bytes.`);
    }
  }
  return {
    download: (file, knownEtag, path) =>
      retry(() => once(file, knownEtag, path), {
        attempts: ATTEMPTS,
        firstDelayMs: 500,
        maxDelayMs: 30_000,
        ...(signal ? { signal } : {}),
        onRetry: (error, attempt, delayMs) => log.warn({ err: error, attempt, delayMs }, "IMDb: trying again"),
      }),
  };
}

function headerText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Our disk failed, not the source. */
function isFileError(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "syscall" in error &&
    (error.syscall === "write" || error.syscall === "open")
  );
}
