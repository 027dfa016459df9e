import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import { retry } from "@marquee/shared/service/retry";
import axios from "axios";
import { z } from "zod";
import { createPacer } from "./pacer.ts";
import { noAnswer, refusal, type SourceWords } from "./source-error.ts";

/** The parts of a film that come with its details in one call. */
const APPENDED = "credits,external_ids,keywords,release_dates";
/** TMDB's own cap on pages of discover. */
export const MAX_DISCOVER_PAGES = 500;
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 6;
const CONNECTIONS = 16;

const TMDB: SourceWords = {
  name: "TMDB",
  keyAdvice:
    "The key in TMDB_API_KEY is not accepted. A v3 key or a read access token is free at https://www.themoviedb.org/settings/api.",
};

export interface TmdbClientOptions {
  /** With version, without slash at the end: `https://api.themoviedb.org/3`. */
  baseUrl: string;
  /** A v3 key (32 hexadecimal characters) or a v4 read access token. */
  apiKey: string;
  /** 0: no limit of our own. TMDB asks for about 40. */
  requestsPerSecond: number;
  clock: Clock;
  log: Logger;
  signal?: AbortSignal;
}

export interface DiscoverWindow {
  from: CalendarDate;
  to: CalendarDate;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
}

/** A film as lists show it; of its other fields popularity and votes move every day. */
const listedFilmSchema = z.object({
  id: z.int(),
  title: z.string().nullish(),
  original_title: z.string().nullish(),
  original_language: z.string().nullish(),
  release_date: z.string().nullish(),
  genre_ids: z.array(z.int()).nullish(),
  overview: z.string().nullish(),
});
export type ListedFilm = z.infer<typeof listedFilmSchema>;

const discoverSchema = z.object({
  page: z.int(),
  total_pages: z.int(),
  total_results: z.int(),
  results: z.array(listedFilmSchema),
});
export type DiscoverPage = z.infer<typeof discoverSchema>;

/** A body as it came, for the archive. */
export interface RawBody {
  /** The path and query asked for, without the key. */
  path: string;
  body: string;
}

export interface TmdbClient {
  /** Films by release date, ascending; 20 a page. */
  discover(window: DiscoverWindow, page: number): Promise<{ raw: RawBody; page: DiscoverPage }>;
  /** A film's details with credits and ids. @throws SOURCE_NOT_FOUND for a film that TMDB has deleted */
  movie(id: TmdbId): Promise<RawBody>;
  /** Asks for the configuration, the cheapest call that needs the key. */
  checkKey(): Promise<void>;
}

export function createTmdbClient(options: TmdbClientOptions): TmdbClient {
  const get = createGetter(options);
  return {
    discover: async ({ from, to, minVotes }, page) => {
      const raw = await get("/discover/movie", {
        "primary_release_date.gte": from,
        "primary_release_date.lte": to,
        ...(minVotes > 0 ? { "vote_count.gte": String(minVotes) } : {}),
        include_adult: "false",
        sort_by: "primary_release_date.asc",
        page: String(page),
      });
      const parsed = discoverSchema.safeParse(JSON.parse(raw.body));
      if (!parsed.success) {
        throw new MarqueeError(
          "SOURCE_BODY_INVALID",
          `TMDB's answer to ${raw.path} is not a page of films: ${z.prettifyError(parsed.error)}`,
        );
      }
      return { raw, page: parsed.data };
    },
    movie: (id) => get(`/movie/${id}`, { append_to_response: APPENDED }),
    checkKey: async () => {
      await get("/configuration", {});
    },
  };
}

type Getter = (path: string, query: Record<string, string>) => Promise<RawBody>;

function createGetter({ baseUrl, apiKey, requestsPerSecond, clock, log, signal }: TmdbClientOptions): Getter {
  const pacer = createPacer(requestsPerSecond);
  // v3 keys are accepted in the query alone, tokens in the header alone.
  const isToken = apiKey.length > 32;
  const http = axios.create({
    baseURL: baseUrl,
    timeout: TIMEOUT_MS,
    responseType: "text",
    transformResponse: (body: string) => body,
    validateStatus: () => true,
    headers: { accept: "application/json", ...(isToken ? { authorization: `Bearer ${apiKey}` } : {}) },
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
    ...(isLoopback(baseUrl) ? { proxy: false } : {}),
    ...(signal ? { signal } : {}),
  });
  async function once(path: string, query: Record<string, string>): Promise<RawBody> {
    await pacer.turn(signal);
    const what = `${path}?${new URLSearchParams(query)}`;
    const answer = await http
      .get<string>(path, { params: isToken ? query : { ...query, api_key: apiKey } })
      .catch((error: unknown) => {
        signal?.throwIfAborted();
        throw noAnswer(TMDB, what, error);
      });
    if (answer.status !== 200) {
      throw refusal(
        TMDB,
        what,
        { status: answer.status, body: answer.data, retryAfter: answer.headers["retry-after"] },
        clock.now(),
      );
    }
    assertJson(answer.data, what);
    return { path: what, body: answer.data };
  }
  return (path, query) =>
    retry(() => once(path, query), {
      attempts: ATTEMPTS,
      firstDelayMs: 250,
      maxDelayMs: 15_000,
      ...(signal ? { signal } : {}),
      onRetry: (error, attempt, delayMs) => log.warn({ err: error, attempt, delayMs }, "TMDB: trying again"),
    });
}

function assertJson(body: string, what: string): void {
  try {
    JSON.parse(body);
  } catch (error) {
    throw new MarqueeError("SOURCE_BODY_INVALID", `TMDB's answer to ${what} is not JSON.`, { cause: error });
  }
}
