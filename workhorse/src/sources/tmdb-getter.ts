import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import type { Clock } from "@marquee/shared/service/clock";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import axios from "axios";
import { z } from "zod";
import { createPacer } from "./pacer.ts";
import { counted, type RequestCounts } from "./request-counts.ts";
import { retrySource } from "./retry-source.ts";
import { bodyText, invalidBody, parseBody } from "./source-body.ts";
import { noAnswer, refusal, type SourceWords } from "./source-error.ts";
import type { SourceNotices } from "./source-notices.ts";

const ATTEMPTS = 6;
/** Answers 429 in a row to one question; the pauses between them are no attempts of ours. */
const RATE_LIMITS = 30;

export const TMDB: SourceWords = {
  name: "TMDB",
  keyAdvice:
    "The key in TMDB_API_KEY is not accepted. A v3 key or a read access token is free at https://www.themoviedb.org/settings/api.",
};

export interface TmdbGetterOptions {
  /** With version, without slash at the end: `https://api.themoviedb.org/3`. */
  baseUrl: string;
  /** A v3 key (32 hexadecimal characters) or a v4 read access token. */
  apiKey: string;
  /** 0: no limit of our own. TMDB asks for about 40. */
  requestsPerSecond: number;
  /** Requests under way at the same time. */
  concurrency: number;
  /** So long without a byte ends a request, in milliseconds. */
  silenceMs: number;
  counts: RequestCounts;
  notices?: SourceNotices;
  clock: Clock;
  log: Logger;
  signal?: AbortSignal;
}

export interface TmdbAnswer {
  /** The path and query asked for, without the key. */
  path: string;
  status: 200 | 404;
  body: string;
  json: unknown;
}

/** Asks until there is an answer: 200, or 404 where TMDB itself says that it has no such thing. */
export type TmdbGetter = (
  path: string,
  query: Record<string, string>,
  /** JSON of another form is asked for again. */
  form: z.ZodType,
) => Promise<TmdbAnswer>;

/** TMDB's answer for what it does not have: https://developer.themoviedb.org/docs/errors. */
const notFoundSchema = z.object({ status_code: z.literal(34) });

export function createTmdbGetter(options: TmdbGetterOptions): TmdbGetter {
  const { log, signal, counts, notices } = options;
  const once = createRequest(options);
  const pacer = createPacer(options.requestsPerSecond);
  async function atItsTurn(...question: Parameters<TmdbGetter>): Promise<TmdbAnswer> {
    for (let limits = 1; ; limits++) {
      const begunAt = await pacer.turn(signal);
      try {
        return await counted(
          counts,
          "tmdb",
          () => once(...question),
          ({ status }) => (status === 404 ? "not_found" : "ok"),
        );
      } catch (error) {
        if (!isMarqueeError(error, "SOURCE_RATE_LIMITED")) throw error;
        const { retryAfterSeconds = 0 } = error;
        if (pacer.limited({ begunAt, retryAfterMs: retryAfterSeconds * 1000 })) {
          log.warn({ retryAfterSeconds }, "TMDB asks to slow down: everybody waits, then goes on at half the rate");
          notices?.slowedDown(TMDB.name, retryAfterSeconds);
        }
        if (limits >= RATE_LIMITS) throw error;
      }
    }
  }
  return (...question) =>
    retrySource(() => atItsTurn(...question), {
      ...{ source: TMDB.name, what: "TMDB", log, notices, signal },
      ...{ attempts: ATTEMPTS, firstDelayMs: 250, maxDelayMs: 15_000 },
    });
}

function createRequest({ baseUrl, apiKey, concurrency, silenceMs, clock, signal }: TmdbGetterOptions): TmdbGetter {
  // v3 keys are accepted in the query alone, tokens in the header alone.
  const isToken = apiKey.length > 32;
  const agent = { keepAlive: true, maxSockets: concurrency };
  const http = axios.create({
    baseURL: baseUrl,
    // For the answer to begin. It goes on to end silent connections, where bodyChunks is to be the first to see why.
    timeout: 2 * silenceMs,
    responseType: "stream",
    // Unpacked here, where a stream that was cut can be told from one that was not.
    decompress: false,
    validateStatus: () => true,
    headers: {
      accept: "application/json",
      "accept-encoding": "gzip",
      ...(isToken ? { authorization: `Bearer ${apiKey}` } : {}),
    },
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    ...(isLoopback(baseUrl) ? { proxy: false } : {}),
    ...(signal ? { signal } : {}),
  });
  return async (path, query, form) => {
    const what = `${path}?${new URLSearchParams(query)}`;
    const answer = await http
      .get<Readable>(path, { params: isToken ? query : { ...query, api_key: apiKey } })
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw noAnswer(TMDB, what, error);
      });
    const { status, headers } = answer;
    const words = { sourceName: TMDB.name, what };
    const promisedBytes = Number(headers["content-length"] ?? Number.NaN);
    const body = await bodyText(answer.data, headers["content-encoding"], {
      ...words,
      promisedBytes,
      silenceMs,
      signal,
    });
    if (status !== 200 && status !== 404) {
      throw refusal(TMDB, what, { status, body, retryAfter: headers["retry-after"] }, clock.now());
    }
    const json = parseBody(body, words);
    const parsed = (status === 200 ? form : notFoundSchema).safeParse(json);
    if (!parsed.success) {
      throw invalidBody(
        "wrong_form",
        `is not of the form that is due: ${z.prettifyError(parsed.error)}`,
        parsed.error,
        words,
      );
    }
    return { path: what, status, body, json };
  };
}

/** @throws SOURCE_NOT_FOUND for a 404 */
export function found(answer: TmdbAnswer): TmdbAnswer {
  if (answer.status === 200) return answer;
  throw new MarqueeError("SOURCE_NOT_FOUND", `TMDB has nothing at ${answer.path}.`, {
    details: { what: answer.path, fault: "not_found" },
  });
}
