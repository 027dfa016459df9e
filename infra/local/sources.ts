import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@marquee/shared/service/clock";
import { sha256 } from "@marquee/shared/service/ids";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import { createSourceClients, type SourceClients } from "@marquee/workhorse/sources/source-clients";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import type { LocalOptions } from "./options.ts";
import type { Profile } from "./profile.ts";

const SANDBOX_KEY = "sandbox";

export interface OpenSources extends SourceClients {
  close(): Promise<void>;
}

export interface Sources {
  /** The clients of TMDB and IMDb; a sandbox behind them runs from here until `close`. */
  open(): Promise<OpenSources>;
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
  lifecycle: Lifecycle;
}

/** The real sources, or the sandbox on a free port: the same clients either way. */
export function createSources({ options, profile, clock, log, lifecycle }: SourceOptions): Sources {
  const common = { clock, log, signal: lifecycle.signal };
  const { sandbox } = profile;
  if (!sandbox) {
    const clients = createSourceClients({ ...options, TMDB_API_KEY: options.TMDB_API_KEY ?? "" }, common);
    return {
      description: "the real TMDB and IMDb",
      identity: clients.identity,
      open: async () => ({ ...clients, close: async () => undefined }),
    };
  }
  const identity = sandbox.folder === undefined ? "sample" : fingerprint(sandbox.folder);
  return {
    identity,
    description:
      sandbox.folder === undefined
        ? "a sample: 3,200 real films of the vega-datasets package, with made-up ids"
        : `recorded: the films in ${sandbox.folder}`,
    open: async () => {
      const server = createSandbox({ films: await loadFilms(sandbox.folder, log), apiKey: SANDBOX_KEY, log });
      const address = await server.listen({ host: "127.0.0.1", port: 0 });
      const settings = {
        TMDB_API_KEY: SANDBOX_KEY,
        TMDB_BASE_URL: `${address}/3`,
        TMDB_REQUESTS_PER_SECOND: 0,
        // A sandbox's films have votes of their own, or none.
        TMDB_MIN_VOTES: 0,
        IMDB_BASE_URL: `${address}/imdb`,
      };
      return {
        ...createSourceClients(settings, common),
        // The port differs from start to start, the films do not.
        identity,
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
