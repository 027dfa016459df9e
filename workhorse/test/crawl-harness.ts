import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { type Archive, createArchive } from "../src/archive/archive.ts";
import { createSourceClients, type SourceClients } from "../src/sources/source-clients.ts";
import { collect } from "../src/tasks/collect.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { startTmdbServer, type TmdbServer } from "./tmdb-server.ts";

const log = createLogger("test", "silent");

/** A TMDB, and what a collection from it writes to. */
export interface CrawlHarness {
  server: TmdbServer;
  database: TestDatabase;
  archive: Archive;
  /** What every clock says. */
  now: Date;
  clients(minVotes?: number, identity?: string): SourceClients;
  context(changes?: Partial<TaskContext>): TaskContext;
  /** Collects from TMDB, and forgets before what was asked for until now. @returns the result's detail */
  run(sources?: SourceClients, since?: CalendarDate, changes?: Partial<TaskContext>): Promise<TaskResult["detail"]>;
  /** Has the server know films of the 2010s. */
  serve(ids: Iterable<number>, votes?: number): void;
  /** The days that have a file of ids. */
  today(...days: string[]): void;
  /** Films in the archive by the status of their latest body. */
  archived(): Promise<Map<number, number>>;
  close(): Promise<void>;
}

export async function openCrawl(): Promise<CrawlHarness> {
  const server = await startTmdbServer();
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "marquee-crawl-"));
  const objectStore = createFileObjectStore(folder);
  const clock = { now: () => harness.now };
  const archive = createArchive(objectStore, clock);
  const harness: CrawlHarness = {
    server,
    database,
    archive,
    now: new Date("2026-03-10T09:00:00Z"),
    clients: (minVotes = 0, identity = "the same") => ({
      ...createSourceClients(settingsOf(server, minVotes), { clock, log, signal: new AbortController().signal }),
      identity,
    }),
    context: (changes = {}) => {
      const signal = new AbortController().signal;
      return { database, objectStore, clock, log, signal, onProgress: () => undefined, ...changes };
    },
    run: async (sources = harness.clients(), since, changes = {}) => {
      server.asked = { films: [], others: [] };
      return (await collect(harness.context(changes), sources, archive, { source: "tmdb", since })).detail;
    },
    serve: (ids, votes = 10) => {
      for (const id of ids) server.films.set(id, { title: `Film ${id}`, date: `20${10 + (id % 10)}-05-01`, votes });
    },
    today: (...days) => {
      server.exports = { ...server.exports, days: new Set(days) };
    },
    archived: () => archivedFilms(archive),
    close: async () => {
      server.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return harness;
}

function settingsOf({ address }: TmdbServer, minVotes: number): Parameters<typeof createSourceClients>[0] {
  return {
    TMDB_API_KEY: "k".repeat(32),
    TMDB_BASE_URL: `${address}/3`,
    TMDB_REQUESTS_PER_SECOND: 0,
    TMDB_MIN_VOTES: minVotes,
    IMDB_BASE_URL: address,
    SOURCE_SILENCE_MS: 2_000,
  };
}

async function archivedFilms(archive: Archive): Promise<Map<number, number>> {
  const films = new Map<number, number>();
  for await (const { manifest } of archive.manifests("tmdb")) {
    for (const { path, status = 200 } of await archive.readBodies(manifest)) {
      films.set(Number(/^\/movie\/(\d+)\?/.exec(path)?.[1]), status);
    }
  }
  return films;
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
export const sorted = (ids: Iterable<number>): number[] => [...ids].sort((a, b) => a - b);
