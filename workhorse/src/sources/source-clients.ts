import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import type { TaskContext } from "../tasks/task-context.ts";
import { createImdbClient, type ImdbClient } from "./imdb-client.ts";
import { createRequestCounts, type RequestCounts } from "./request-counts.ts";
import { createSourceNotices } from "./source-notices.ts";
import { createTmdbClient, type TmdbClient } from "./tmdb-client.ts";

/** Where films and ratings come from, and what is asked of it. */
export interface SourceClients {
  tmdb: TmdbClient;
  imdb: ImdbClient;
  /** How the clients' requests ended. */
  counts: RequestCounts;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
  /** Requests to TMDB under way at the same time. */
  concurrency: number;
  /** Identity of the source and of what is asked of it: with another one all details are fetched anew. */
  identity: string;
}

export interface SourceSettings {
  TMDB_API_KEY: string;
  TMDB_BASE_URL: string;
  /** Where TMDB's daily files of ids are; of the same host as TMDB_BASE_URL unless that is TMDB's own. */
  TMDB_EXPORT_URL?: string | undefined;
  /** 0: no limit of our own. */
  TMDB_REQUESTS_PER_SECOND: number;
  TMDB_CONCURRENCY?: number;
  TMDB_MIN_VOTES: number;
  IMDB_BASE_URL: string;
  /** So long without a byte ends a request, in milliseconds. */
  SOURCE_SILENCE_MS?: number;
}

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_SILENCE_MS = 30_000;

export interface CommonOptions {
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  counts?: RequestCounts;
  /** Told when a source keeps its caller waiting. */
  onNotice?: TaskContext["onNotice"];
}

/** The clients that the settings name. Nothing is asked of the sources yet. */
export function createSourceClients(settings: SourceSettings, { onNotice, ...common }: CommonOptions): SourceClients {
  const { TMDB_CONCURRENCY: concurrency = DEFAULT_CONCURRENCY, SOURCE_SILENCE_MS: silenceMs = DEFAULT_SILENCE_MS } =
    settings;
  const counts = common.counts ?? createRequestCounts();
  const notices = onNotice && { notices: createSourceNotices(onNotice) };
  const shared = { ...common, ...notices, counts, silenceMs };
  return {
    tmdb: createTmdbClient({
      ...shared,
      baseUrl: settings.TMDB_BASE_URL,
      exportUrl: settings.TMDB_EXPORT_URL ?? exportUrlBeside(settings.TMDB_BASE_URL),
      apiKey: settings.TMDB_API_KEY,
      requestsPerSecond: settings.TMDB_REQUESTS_PER_SECOND,
      concurrency,
    }),
    imdb: createImdbClient({ ...shared, baseUrl: settings.IMDB_BASE_URL }),
    counts,
    minVotes: settings.TMDB_MIN_VOTES,
    concurrency,
    identity: `${settings.TMDB_BASE_URL} ${settings.TMDB_MIN_VOTES}`,
  };
}

/** A stand-in for TMDB's API has its ids on the same host: another's ids would name films that it does not have. */
export function exportUrlBeside(baseUrl: string): string {
  const { origin, hostname } = new URL(baseUrl);
  return hostname === "api.themoviedb.org" ? "http://files.tmdb.org/p/exports" : `${origin}/p/exports`;
}
