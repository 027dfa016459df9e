import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@marquee/shared/service/clock";
import { sha256 } from "@marquee/shared/service/ids";
import type { Logger } from "@marquee/shared/service/logger";
import { createRequestCounts, type RequestCounts } from "@marquee/workhorse/sources/request-counts";
import {
  createSourceClients,
  type SourceClients,
  type SourceSettings,
} from "@marquee/workhorse/sources/source-clients";
import type { TaskContext } from "@marquee/workhorse/tasks/task-context";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import type { LocalOptions } from "./options.ts";
import type { Profile } from "./profile.ts";

const SANDBOX_KEY = "sandbox";
/** Its films have votes of their own, or none. */
const SANDBOX_MIN_VOTES = 0;
/** It runs in this process: more at a time would only wait for each other. */
const SANDBOX_CONCURRENCY = 8;

export interface OpenSources extends SourceClients {
  close(): Promise<void>;
}

export interface Sources {
  /** The clients of TMDB and IMDb; a sandbox behind them runs from their first question until `close`. */
  open(signal: AbortSignal, onNotice?: TaskContext["onNotice"]): OpenSources;
  /** Identity of what the sources hold and of what is asked of them: another one is collected anew. */
  readonly identity: string;
  /** Whose data it is, in words. */
  readonly description: string;
}

interface SourceOptions {
  options: LocalOptions;
  profile: Profile;
  clock: Clock;
  log: Logger;
}

/** The real sources, or the sandbox on a free port: the same clients either way. */
export function createSources({ options, profile, clock, log }: SourceOptions): Sources {
  const { sandbox } = profile;
  if (!sandbox) {
    const settings = { ...options, TMDB_API_KEY: options.TMDB_API_KEY ?? "" };
    const open = (signal: AbortSignal, onNotice?: TaskContext["onNotice"]) =>
      createSourceClients(settings, { clock, log, signal, onNotice });
    return {
      description: "the real TMDB and IMDb",
      identity: open(new AbortController().signal).identity,
      open: (...asked) => ({ ...open(...asked), close: async () => undefined }),
    };
  }
  const identity = sandbox.folder === undefined ? "sample" : fingerprint(sandbox.folder);
  return {
    identity,
    description:
      sandbox.folder === undefined
        ? "a sample: 3,200 real films of the vega-datasets package, with made-up ids"
        : `recorded: the films in ${sandbox.folder}`,
    open: (signal, onNotice) =>
      clientsOf(async (counts) => {
        const server = createSandbox({ films: await loadFilms(sandbox.folder, log), apiKey: SANDBOX_KEY, log });
        const address = await server.listen({ host: "127.0.0.1", port: 0 });
        const clients = createSourceClients(sandboxSettings(address), { clock, log, signal, counts, onNotice });
        return { clients, close: () => server.close() };
      }, identity),
  };
}

function sandboxSettings(address: string): SourceSettings {
  return {
    TMDB_API_KEY: SANDBOX_KEY,
    TMDB_BASE_URL: `${address}/3`,
    TMDB_REQUESTS_PER_SECOND: 0,
    TMDB_CONCURRENCY: SANDBOX_CONCURRENCY,
    TMDB_MIN_VOTES: SANDBOX_MIN_VOTES,
    IMDB_BASE_URL: `${address}/imdb`,
  };
}

/** Clients of a sandbox that is started by their first question: most tasks have none. */
function clientsOf(
  start: (counts: RequestCounts) => Promise<{ clients: SourceClients; close(): Promise<unknown> }>,
  identity: string,
): OpenSources {
  let started: ReturnType<typeof start> | undefined;
  const counts = createRequestCounts();
  const clients = async () => {
    started ??= start(counts);
    return (await started).clients;
  };
  return {
    tmdb: {
      discover: async (...question) => (await clients()).tmdb.discover(...question),
      changes: async (...question) => (await clients()).tmdb.changes(...question),
      downloadExport: async (...question) => (await clients()).tmdb.downloadExport(...question),
      movie: async (...question) => (await clients()).tmdb.movie(...question),
      checkKey: async () => (await clients()).tmdb.checkKey(),
    },
    imdb: { download: async (...question) => (await clients()).imdb.download(...question) },
    counts,
    minVotes: SANDBOX_MIN_VOTES,
    concurrency: SANDBOX_CONCURRENCY,
    // The port differs from start to start, the films do not.
    identity,
    close: async () => {
      await (await started)?.close();
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
