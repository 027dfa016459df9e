import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TaskName, TaskResult } from "@marquee/shared/contracts/tasks";
import type { Clock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import { TASK_TABLE } from "@marquee/workhorse/tasks/task-table";
import type { WorkContext } from "@marquee/workhorse/tasks/work-context";
import { createSandbox } from "../sandbox/app.ts";
import type { FilmSet } from "../sandbox/film-set.ts";
import { headerOnlyFile, linesFile } from "../sandbox/imdb-file.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import { readTitleLines } from "../sandbox/title-lines.ts";
import { writeOwnFilms } from "./own-films.ts";

/** Enough films for a sample of 1,000. */
const OWN_FILMS = 1_100;

/** A catalog with its features, made by the tasks themselves of what the sandbox serves. */
export interface FeatureChain {
  run(task: TaskName, input?: object): Promise<TaskResult>;
  close(): Promise<void>;
}

/** Of IMDb's files the ratings of these films alone: the others' million rows take a minute and are no features. */
async function withRatingsAlone(set: FilmSet): Promise<FilmSet> {
  const titles = set.inOrder({ field: "popularity", direction: "desc" }).flatMap(({ imdbId }) => imdbId ?? []);
  const lines = await readTitleLines(set.imdbFile("title.ratings"), new Set(titles));
  const { lastModified } = await set.imdbFile("title.ratings").state();
  const ratings = linesFile("title.ratings", async () => [...lines.values()].flat(), lastModified);
  return {
    ...set,
    imdbFile: (name) => (name === "title.ratings" ? ratings : headerOnlyFile(name, lastModified)),
  };
}

export interface FeatureChainOptions {
  /** Migrated, and empty. It is not closed with the chain. */
  database: Database;
  online: OnlineStore;
  clock: Clock;
  /** A folder of films as `npm start -- --data` takes it; made-up ones where it is undefined. */
  folder: string | undefined;
}

/** Collects films, loads them into a catalog, builds features of it and brings them online. */
export async function openFeatureChain(options: FeatureChainOptions): Promise<FeatureChain> {
  const { database, online, clock, folder: given } = options;
  const root = mkdtempSync(join(tmpdir(), "marquee-features-"));
  const log = createLogger("test", "silent");
  const folder = given ?? join(root, "films");
  if (given === undefined) writeOwnFilms(folder, OWN_FILMS);
  const set = await loadFilms(folder, log);
  const sandbox = createSandbox({ films: await withRatingsAlone(set), apiKey: "key", log });
  const address = await sandbox.listen({ host: "127.0.0.1", port: 0 });
  const { signal } = new AbortController();
  const settings = {
    ...{ TMDB_API_KEY: "key", TMDB_BASE_URL: `${address}/3`, TMDB_EXPORT_URL: `${address}/none` },
    ...{ TMDB_REQUESTS_PER_SECOND: 0, TMDB_MIN_VOTES: 0, IMDB_BASE_URL: `${address}/imdb` },
  };
  const context: WorkContext = {
    ...{ database, clock, log, signal, onlineStore: online, tracking: undefined, onProgress: () => undefined },
    objectStore: createFileObjectStore(join(root, "objects")),
    backups: { store: createFileObjectStore(join(root, "backups")), keep: { daily: 7, weekly: 4, monthly: 12 } },
    sources: createSourceClients(settings, { clock, log, signal }),
    options: {
      ...{ maturityDays: 0, backend: "wasm", seed: 1, testFrom: undefined },
      retention: { userEvents: 0, userRatings: 0, predictions: 0, runs: 0, logs: 0, tmdb: 0, imdb: 0, features: 0 },
    },
  };
  const run = (task: TaskName, input: object = {}) => TASK_TABLE[task](input, context);
  const close = async () => {
    await sandbox.close();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const task of ["collect", "catalog", "features", "materialize"] as const) await run(task);
  } catch (error) {
    await close();
    throw error;
  }
  return { run, close };
}
