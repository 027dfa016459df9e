import { type FileHandle, open, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Clock } from "@marquee/shared/service/clock";
import { systemCode } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import axios, { type AxiosResponse } from "axios";
import { createGzipCheck, type GzipCheck } from "./imdb-gzip-check.ts";
import { counted, type RequestCounts } from "./request-counts.ts";
import { retrySource } from "./retry-source.ts";
import { bodyChunks, invalidBody } from "./source-body.ts";
import { noAnswer, refusal, type SourceWords } from "./source-error.ts";
import type { SourceNotices } from "./source-notices.ts";

/** The data sets that IMDb publishes, all of them (https://developer.imdb.com/non-commercial-datasets/). */
export const IMDB_FILES = [
  "title.basics",
  "title.ratings",
  "title.crew",
  "title.principals",
  "title.akas",
  "title.episode",
  "name.basics",
] as const;
export type ImdbFile = (typeof IMDB_FILES)[number];

const SILENCE_MS = 60_000;
/** The largest file has 700 MB, and the host resets connections now and then; what had come is not asked for again. */
const ATTEMPTS = 6;

const IMDB: SourceWords = { name: "IMDb", keyAdvice: "The data sets need no key: check IMDB_BASE_URL." };

export interface ImdbClientOptions {
  /** Without slash at the end: `https://datasets.imdbws.com`. */
  baseUrl: string;
  clock: Clock;
  log: Logger;
  counts: RequestCounts;
  notices?: SourceNotices;
  signal?: AbortSignal;
  /** Silence for so long ends a download, in milliseconds; a minute unless given. */
  silenceMs?: number;
}

/** What identifies one state of a file. */
export interface FileState {
  etag: string | undefined;
  /** The day of its Last-Modified header, on which its ratings were observed. */
  modified: Date;
  /** Lines but for the header. */
  rows: number;
}

/** @param total undefined where the host does not say how large the file is */
export type OnBytes = (done: number, total: number | undefined) => void;

export interface ImdbClient {
  /**
   * Streams the file to `path` unless it still has `knownEtag`, and proves that it is a whole gzip file. A download that
   * breaks off is gone on with where the host can do that, else begun anew.
   * @returns undefined when it has not changed
   * @throws SOURCE_NOT_FOUND or SOURCE_KEY_REFUSED where the host does not have it; SOURCE_UNAVAILABLE, SOURCE_RATE_LIMITED or
   *   SOURCE_BODY_INVALID after the last attempt
   */
  download(
    file: ImdbFile,
    knownEtag: string | undefined,
    path: string,
    onBytes?: OnBytes,
  ): Promise<FileState | undefined>;
}

export function createImdbClient(options: ImdbClientOptions): ImdbClient {
  const { log, counts, notices, signal } = options;
  return {
    download: (file, knownEtag, path, onBytes = () => undefined) => {
      const download: Download = {
        what: `${file}.tsv.gz`,
        knownEtag,
        partial: { path, bytes: 0, etag: undefined, check: createGzipCheck() },
        onBytes,
      };
      const attempt = () =>
        counted(
          counts,
          "imdb",
          () => downloadOnce(options, download),
          (state) => (state ? "ok" : "unchanged"),
        );
      return retrySource(attempt, {
        ...{ source: IMDB.name, what: `IMDb's ${file}`, log, notices, signal },
        ...{ attempts: ATTEMPTS, firstDelayMs: 500, maxDelayMs: 30_000 },
        figures: () => ({ bytes: download.partial.bytes }),
      }).finally(() => download.partial.check.drop());
    },
  };
}

interface Download {
  /** The file's name at the host. */
  what: string;
  knownEtag: string | undefined;
  partial: PartialFile;
  onBytes: OnBytes;
}

/** What of a file has come so far. */
interface PartialFile {
  path: string;
  bytes: number;
  /** Of the state that the bytes are of; without one they cannot be gone on with. */
  etag: string | undefined;
  check: GzipCheck;
}

async function downloadOnce(options: ImdbClientOptions, download: Download): Promise<FileState | undefined> {
  const { what, partial } = download;
  const { clock } = options;
  const answer = await ask(options, download);
  const { status, headers } = answer;
  if (status !== 200 && status !== 206) {
    answer.data.destroy();
    if (status === 304) return undefined;
    // What we have is longer than the host's file: the next attempt begins anew.
    if (status === 416) await discard(partial);
    const seen = status === 416 ? 503 : status;
    throw refusal(IMDB, what, { status: seen, body: "", retryAfter: headers["retry-after"] }, clock.now());
  }
  const etag = headerText(headers.etag);
  if (status === 206 && !goesOn(headers["content-range"], etag, partial)) {
    answer.data.destroy();
    await discard(partial);
    throw invalidBody("wrong_form", "is another part of the file, or of another state, than was asked for", undefined, {
      sourceName: IMDB.name,
      what,
    });
  }
  if (status === 200 && partial.bytes > 0) await discard(partial);
  partial.etag = etag ?? partial.etag;
  await save(answer, options, download);
  const rows = await countRows(download);
  const modified = Date.parse(headerText(headers["last-modified"]) ?? "");
  return { etag: partial.etag, modified: Number.isNaN(modified) ? clock.now() : new Date(modified), rows };
}

async function ask(
  { baseUrl, signal, silenceMs = SILENCE_MS }: ImdbClientOptions,
  { what, knownEtag, partial }: Download,
): Promise<AxiosResponse<Readable>> {
  try {
    return await axios.get<Readable>(`${baseUrl}/${what}`, {
      responseType: "stream",
      // The payload itself is gzip and is kept as it comes.
      decompress: false,
      // For the answer to begin. It goes on to end silent connections, where bodyChunks is to be the first to see why.
      timeout: 2 * silenceMs,
      validateStatus: () => true,
      headers: conditions(partial, knownEtag),
      ...(isLoopback(baseUrl) ? { proxy: false } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer(IMDB, what, error);
  }
}

/** Goes on with what has come (RFC 9110, 13.1.5); a host that cannot, or has another state now, sends all of it. */
function conditions({ bytes, etag }: PartialFile, knownEtag: string | undefined): Record<string, string> {
  // A weak ETag ("W/…") may be that of other bytes.
  if (bytes > 0 && etag?.startsWith('"')) return { range: `bytes=${bytes}-`, "if-range": etag };
  return knownEtag === undefined ? {} : { "if-none-match": knownEtag };
}

/** Whether a partial answer begins where what we have ends (RFC 9110, 14.4), and is of the same state. */
function goesOn(contentRange: unknown, etag: string | undefined, partial: PartialFile): boolean {
  const begin = /^bytes (\d+)-/.exec(headerText(contentRange) ?? "")?.[1];
  return Number(begin) === partial.bytes && (etag === undefined || etag === partial.etag);
}

/** Adds an answer's body to what there is of the file. */
async function save(
  { data, headers }: AxiosResponse<Readable>,
  { signal, silenceMs = SILENCE_MS }: ImdbClientOptions,
  { what, partial, onBytes }: Download,
): Promise<void> {
  const promisedBytes = Number(headers["content-length"] ?? Number.NaN);
  const total = Number.isNaN(promisedBytes) ? undefined : partial.bytes + promisedBytes;
  const file = await open(partial.path, partial.bytes === 0 ? "w" : "r+");
  try {
    for await (const chunk of bodyChunks(data, { sourceName: IMDB.name, what, promisedBytes, silenceMs, signal })) {
      await Promise.all([writeAll(file, chunk, partial.bytes), partial.check.add(chunk)]);
      partial.bytes += chunk.length;
      onBytes(partial.bytes, total);
    }
  } finally {
    await file.close();
  }
}

/** A full disk may take a part of a chunk; the next write then says so. */
async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

/** The file's rows, of one that is whole. */
async function countRows({ what, partial }: Download): Promise<number> {
  try {
    return await partial.check.rows();
  } catch (error) {
    if (!systemCode(error).startsWith("Z_")) throw error;
    await discard(partial);
    throw invalidBody("truncated", "is no whole gzip file", error, { sourceName: IMDB.name, what });
  }
}

async function discard(partial: PartialFile): Promise<void> {
  await rm(partial.path, { force: true });
  partial.bytes = 0;
  partial.etag = undefined;
  partial.check.drop();
  partial.check = createGzipCheck();
}

function headerText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
