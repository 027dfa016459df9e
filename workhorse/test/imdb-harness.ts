import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { type Archive, createArchive } from "../src/archive/archive.ts";
import type { FileOutcome } from "../src/catalog/imdb-gated-load.ts";
import { loadImdb } from "../src/catalog/load-imdb.ts";
import type { ImdbFile } from "../src/sources/imdb-client.ts";
import type { StepContext, TaskContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";

const COLUMNS: Record<ImdbFile, string> = {
  "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
  "title.ratings": "tconst averageRating numVotes",
  "title.crew": "tconst directors writers",
  "title.principals": "tconst ordering nconst category job characters",
  "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
  "title.episode": "tconst parentTconst seasonNumber episodeNumber",
  "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
};

export const tt = (number: number): string => `tt${String(number).padStart(7, "0")}`;
export const nm = (number: number): string => `nm${String(number).padStart(7, "0")}`;

/** An archive of IMDb's files and a catalog that they are loaded into. */
export interface ImdbHarness {
  readonly database: TestDatabase;
  readonly archive: Archive;
  readonly context: TaskContext;
  /** What the clock says next; it moves by a second a look, so that each fetch is later than the one before. */
  setTime(instant: string): void;
  keepFile(name: ImdbFile, path: string, day?: string): Promise<void>;
  keepGzipped(name: ImdbFile, content: Buffer, day?: string): Promise<void>;
  /** Lines without the header, which is IMDb's. */
  keepLines(name: ImdbFile, lines: readonly string[], day?: string): Promise<void>;
  /** As the step does, whose run the gate's figures belong to. */
  load(changes?: Partial<StepContext>): Promise<TaskResult>;
  count(table: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export async function createImdbHarness(): Promise<ImdbHarness> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "marquee-imdb-load-"));
  const objectStore = createFileObjectStore(join(folder, "objects"));
  let time = Date.parse("2020-01-01T12:00:00Z");
  const clock = {
    now: () => {
      time += 1_000;
      return new Date(time);
    },
  };
  const archive = createArchive(objectStore, clock);
  const context: TaskContext = {
    database,
    objectStore,
    clock,
    log: createLogger("test", "silent"),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  const harness: ImdbHarness = {
    database,
    archive,
    context,
    setTime: (instant) => {
      time = Date.parse(instant);
    },
    keepFile: async (name, path, day = "2020-01-01") => {
      const observedAt = new Date(`${day}T00:00:00Z`);
      await archive.storeFile({ source: "imdb", name, path, observedAt, rows: 1 });
    },
    keepGzipped: async (name, content, day) => {
      const path = join(folder, "download.gz");
      writeFileSync(path, content);
      await harness.keepFile(name, path, day);
    },
    keepLines: (name, lines, day) =>
      harness.keepGzipped(name, gzipSync([COLUMNS[name].replaceAll(" ", "\t"), ...lines, ""].join("\n")), day),
    load: (changes = {}) =>
      trackedStep(context, { step: "catalog", work: (running) => loadImdb({ ...running, ...changes }, archive) }),
    count: async (table) => (await database.query<{ n: number }>(`select count(*)::integer as n from ${table}`))[0]?.n,
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return harness;
}

/** What became of each file. */
export function filesOf({ detail }: TaskResult): FileOutcome[] {
  return detail.files as FileOutcome[];
}
