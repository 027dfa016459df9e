import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@marquee/shared/service/logger";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import { writeOwnFilms } from "../testing/own-films.ts";

const log = createLogger("test", "silent");

/** The sources of a trial: TMDB and IMDb as the sandbox answers them. */
export interface TrialSources {
  /** `http://127.0.0.1:40001` */
  address: string;
  films: number;
  close(): Promise<void>;
}

/** @param films recorded films' folder, or how many to make up */
export async function startSources(films: string | number): Promise<TrialSources> {
  const made = typeof films === "number" ? mkdtempSync(join(tmpdir(), "marquee-films-")) : undefined;
  if (made !== undefined && typeof films === "number") writeOwnFilms(made, films);
  const set = await loadFilms(made ?? String(films), log);
  const server = createSandbox({ films: set, apiKey: "sandbox", log });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    address,
    films: set.size,
    close: async () => {
      await server.close();
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** Settings by which commands find the sources at an address. */
export function sourceSettings(address: string): Record<string, string> {
  return {
    TMDB_API_KEY: "sandbox",
    TMDB_BASE_URL: `${address}/3`,
    TMDB_EXPORT_URL: `${address}/p/exports`,
    TMDB_REQUESTS_PER_SECOND: "0",
    IMDB_BASE_URL: `${address}/imdb`,
  };
}
