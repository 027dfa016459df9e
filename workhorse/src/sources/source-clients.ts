import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import { createImdbClient, type ImdbClient } from "./imdb-client.ts";
import { createTmdbClient, type TmdbClient } from "./tmdb-client.ts";

/** Where films and ratings come from, and what is asked of it. */
export interface SourceClients {
  tmdb: TmdbClient;
  imdb: ImdbClient;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
  /** Identity of the source and of what is asked of it: with another one all details are fetched anew. */
  identity: string;
}

export interface SourceSettings {
  TMDB_API_KEY: string;
  TMDB_BASE_URL: string;
  /** 0: no limit of our own. */
  TMDB_REQUESTS_PER_SECOND: number;
  TMDB_MIN_VOTES: number;
  IMDB_BASE_URL: string;
}

/** The clients that the settings name. Nothing is asked of the sources yet. */
export function createSourceClients(
  settings: SourceSettings,
  common: { clock: Clock; log: Logger; signal: AbortSignal },
): SourceClients {
  return {
    tmdb: createTmdbClient({
      ...common,
      baseUrl: settings.TMDB_BASE_URL,
      apiKey: settings.TMDB_API_KEY,
      requestsPerSecond: settings.TMDB_REQUESTS_PER_SECOND,
    }),
    imdb: createImdbClient({ ...common, baseUrl: settings.IMDB_BASE_URL }),
    minVotes: settings.TMDB_MIN_VOTES,
    identity: `${settings.TMDB_BASE_URL} ${settings.TMDB_MIN_VOTES}`,
  };
}
