import { createReadStream, createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { systemCode } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import axios from "axios";
import { countLines } from "../archive/hash-stream.ts";
import { counted, type RequestCounts } from "./request-counts.ts";
import { retrySource } from "./retry-source.ts";
import { bodyChunks, invalidBody } from "./source-body.ts";
import { noAnswer, refusal, type SourceWords } from "./source-error.ts";
import type { SourceNotices } from "./source-notices.ts";
import { TMDB } from "./tmdb-getter.ts";
import { exportFileName } from "./tmdb-lists.ts";

const ATTEMPTS = 6;

const EXPORTS: SourceWords = {
  ...TMDB,
  addressSetting: "TMDB_EXPORT_URL (or TMDB_BASE_URL, beside which it is looked for)",
};

export interface TmdbExportOptions {
  /** Without slash at the end: `http://files.tmdb.org/p/exports`. */
  exportUrl: string;
  silenceMs: number;
  counts: RequestCounts;
  notices?: SourceNotices;
  clock: Clock;
  log: Logger;
  signal?: AbortSignal;
}

/** A day's file of ids as it lies on our disk. */
export interface SavedExport {
  etag: string | undefined;
  modified: Date;
  /** Ids in it. */
  lines: number;
}

/**
 * Brings a day's file of ids to `path`, proven to be a whole gzip file.
 * @returns "absent" where TMDB has none of that day, "unchanged" where it still has `knownEtag`
 */
export type DownloadExport = (
  day: CalendarDate,
  knownEtag: string | undefined,
  path: string,
) => Promise<SavedExport | "absent" | "unchanged">;

export function createExportDownload(options: TmdbExportOptions): DownloadExport {
  const { counts, notices, log, signal } = options;
  return (day, knownEtag, path) =>
    retrySource(() => counted(counts, "tmdb", () => download(options, day, knownEtag, path), outcomeOf), {
      ...{ source: EXPORTS.name, what: "TMDB's ids", log, notices, signal },
      ...{ attempts: ATTEMPTS, firstDelayMs: 250, maxDelayMs: 15_000 },
    });
}

function outcomeOf(answer: SavedExport | "absent" | "unchanged"): "ok" | "not_found" | "unchanged" {
  if (answer === "absent") return "not_found";
  return answer === "unchanged" ? "unchanged" : "ok";
}

async function download(
  { exportUrl, silenceMs, clock, signal }: TmdbExportOptions,
  day: CalendarDate,
  knownEtag: string | undefined,
  path: string,
): Promise<SavedExport | "absent" | "unchanged"> {
  const what = exportFileName(day);
  const { status, headers, data } = await axios
    .get<Readable>(`${exportUrl}/${what}`, {
      responseType: "stream",
      // The payload itself is gzip and is kept as it comes.
      decompress: false,
      // For the answer to begin. It goes on to end silent connections, where bodyChunks is to be the first to see why.
      timeout: 2 * silenceMs,
      validateStatus: () => true,
      headers: knownEtag === undefined ? {} : { "if-none-match": knownEtag },
      ...(isLoopback(exportUrl) ? { proxy: false } : {}),
      ...(signal ? { signal } : {}),
    })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      throw noAnswer(EXPORTS, what, error);
    });
  if (status !== 200) {
    data.destroy();
    if (status === 304) return "unchanged";
    // A bucket that may not be listed answers 403 for what it does not have.
    if (status === 403 || status === 404) return "absent";
    throw refusal(EXPORTS, what, { status, body: "", retryAfter: headers["retry-after"] }, clock.now());
  }
  const words = { sourceName: EXPORTS.name, what };
  const promisedBytes = Number(headers["content-length"] ?? Number.NaN);
  await pipeline(bodyChunks(data, { ...words, promisedBytes, silenceMs, signal }), createWriteStream(path));
  try {
    return {
      etag: headerText(headers.etag),
      modified: new Date(headerText(headers["last-modified"]) ?? clock.now()),
      lines: await countLines(createReadStream(path)),
    };
  } catch (error) {
    if (!systemCode(error).startsWith("Z_")) throw error;
    throw invalidBody("truncated", "is no whole gzip file", error, words);
  }
}

function headerText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
