import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@marquee/shared/service/clock";
import { sha256 } from "@marquee/shared/service/ids";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import { createImdbClient, type ImdbClient } from "@marquee/workhorse/sources/imdb-client";
import { createTmdbClient, type TmdbClient } from "@marquee/workhorse/sources/tmdb-client";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import type { LocalOptions } from "./options.ts";
import type { Profile } from "./profile.ts";

const SANDBOX_KEY = "sandbox";

export interface OpenSources {
  tmdb: TmdbClient;
  imdb: ImdbClient;
  close(): Promise<void>;
}

export interface Sources {
  /** The clients of TMDB and IMDb; a sandbox behind them runs from here until `close`. */
  open(): Promise<OpenSources>;
  /** Identity of what the sources hold and of what is asked of them: another one is collected anew. */
  readonly identity: string;
  /** Only films with at least so many votes on TMDB; a sandbox's films have their own, or none. */
  readonly minVotes: number;
  /** Whose data it is, in words. */
  readonly description: string;
}

interface SourceOptions {
  options: LocalOptions;
  profile: Profile;
  clock: Clock;
  log: Logger;
  lifecycle: Lifecycle;
}

/** The real sources, or the sandbox on a free port: the same clients either way. */
export function createSources({ options, profile, clock, log, lifecycle }: SourceOptions): Sources {
  const common = { clock, log, signal: lifecycle.signal };
  const { sandbox } = profile;
  if (!sandbox) {
    return {
      description: "the real TMDB and IMDb",
      identity: `${options.TMDB_BASE_URL} ${options.TMDB_MIN_VOTES}`,
      minVotes: options.TMDB_MIN_VOTES,
      open: async () => ({
        tmdb: createTmdbClient({
          ...common,
          baseUrl: options.TMDB_BASE_URL,
          apiKey: options.TMDB_API_KEY ?? "",
          requestsPerSecond: options.TMDB_REQUESTS_PER_SECOND,
        }),
        imdb: createImdbClient({ ...common, baseUrl: options.IMDB_BASE_URL }),
        close: async () => undefined,
      }),
    };
  }
  return {
    identity: sandbox.folder === undefined ? "sample" : fingerprint(sandbox.folder),
    minVotes: 0,
    description:
      sandbox.folder === undefined
        ? "a sample: 3,200 real films of the vega-datasets package, with made-up ids"
        : `recorded: the films in ${sandbox.folder}`,
    open: async () => {
      const server = createSandbox({ films: await loadFilms(sandbox.folder, log), apiKey: SANDBOX_KEY, log });
      const address = await server.listen({ host: "127.0.0.1", port: 0 });
      return {
        tmdb: createTmdbClient({ ...common, baseUrl: `${address}/3`, apiKey: SANDBOX_KEY, requestsPerSecond: 0 }),
        imdb: createImdbClient({ ...common, baseUrl: `${address}/imdb` }),
        close: async () => {
          await server.close();
        },
      };
    },
  };
}

/** Names, sizes and times of the folder's files, two levels deep: enough to notice that its films have changed. */
function fingerprint(folder: string): string {
  const files = globSync(["*", "*/*"], { cwd: folder }).sort();
  return sha256(
    files
      .map((name) => {
        const { size, mtimeMs } = statSync(join(folder, name));
        return `${name} ${size} ${mtimeMs}`;
      })
      .join("\n"),
  );
}
