import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { type Archive, createArchive } from "@marquee/workhorse/archive/archive";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import { collect } from "@marquee/workhorse/tasks/collect";
import { createSeededRandom } from "@marquee/workhorse/training/seeded-random";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSandbox } from "../sandbox/app.ts";
import { loadFilms } from "../sandbox/load-films.ts";
import { startFaultProxy } from "../testing/fault-proxy.ts";
import { writeOwnFilms } from "../testing/own-films.ts";

const FILMS = 450;
const KILLS = 20;
const BATCH = 100;
const log = createLogger("test", "silent");
const root = mkdtempSync(join(tmpdir(), "marquee-collect-"));

let sandbox: FastifyInstance;
let address: string;
let onFilm: () => void;
let asked: number;
let database: TestDatabase;
let folder: string;
let archive: Archive;

beforeAll(async () => {
  writeOwnFilms(join(root, "films"), FILMS);
  sandbox = createSandbox({ films: await loadFilms(join(root, "films"), log), apiKey: "key", log });
  sandbox.addHook("onRequest", (request, _reply, done) => {
    if (/^\/3\/movie\/\d+\?/.test(request.url)) {
      asked += 1;
      onFilm();
    }
    done();
  });
  address = await sandbox.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(root, "objects-"));
  archive = createArchive(createFileObjectStore(folder), systemClock);
  asked = 0;
  onFilm = () => undefined;
});
afterEach(() => database.close());

/** How many bodies the archive has of each film; each must be JSON and of the film that it is said to be of. */
async function archivedFilms(): Promise<Map<number, number>> {
  const films = new Map<number, number>();
  for await (const { manifest } of archive.manifests("tmdb")) {
    await archive.verify(manifest);
    for (const { path, body } of await archive.readBodies(manifest)) {
      const { id } = JSON.parse(body) as { id: number };
      expect(path).toMatch(new RegExp(`^/movie/${id}\\?`));
      films.set(id, (films.get(id) ?? 0) + 1);
    }
  }
  return films;
}

describe("collecting TMDB", () => {
  it("killed at twenty random moments loses no film and repeats one batch at most each time", async () => {
    const random = createSeededRandom(7);
    const start = () =>
      fork(new URL("../testing/collect-process.ts", import.meta.url), [database.url, folder, address]);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start();
      const exited = once(child, "exit");
      const moment = asked + 1 + random.below(BATCH / 4);
      onFilm = () => {
        if (asked === moment) child.kill("SIGKILL");
      };
      const [, signal] = (await exited) as [number | null, string | null];
      // It may have been through before its moment came.
      if (signal === null) break;
    }
    onFilm = () => undefined;
    const [code] = (await once(start(), "exit")) as [number];
    expect(code).toBe(0);
    const films = await archivedFilms();
    expect(films.size).toBe(FILMS);
    expect(asked).toBeLessThanOrEqual(FILMS + KILLS * BATCH);
    expect(await database.query("select count(*)::int as n from tmdb_wanted")).toEqual([{ n: 0 }]);
    expect(await database.query("select count(*)::int as n from tmdb_listings")).toEqual([{ n: FILMS }]);
  });

  it("through a network that does everything wrong loses nothing, keeps nothing broken and counts each fault", async () => {
    const proxy = await startFaultProxy({
      target: address,
      plan: {
        "rate-limited": { chance: 0.02, atMost: 6 },
        reset: { chance: 0.03, atMost: 12 },
        html: { chance: 0.02, atMost: 12 },
        stall: { chance: 0.02, atMost: 6 },
        "wrong-length": { chance: 0.03, atMost: 12 },
        "server-error": { chance: 0.03, atMost: 12 },
        "not-json": { chance: 0.03, atMost: 12 },
        "truncated-gzip": { chance: 0.03, atMost: 12 },
      },
      stallMs: 1_500,
    });
    try {
      const sources = createSourceClients(
        {
          TMDB_API_KEY: "key",
          TMDB_BASE_URL: `${proxy.url}/3`,
          TMDB_REQUESTS_PER_SECOND: 0,
          TMDB_MIN_VOTES: 0,
          IMDB_BASE_URL: proxy.url,
          SOURCE_SILENCE_MS: 500,
        },
        { clock: systemClock, log, signal: new AbortController().signal },
      );
      const { signal } = new AbortController();
      const objectStore = createFileObjectStore(folder);
      const context = { database, objectStore, clock: systemClock, log, signal, onProgress: () => undefined };
      const { detail } = await collect(context, sources, archive, { source: "tmdb" });
      expect(detail).toMatchObject({ listed: FILMS, fetched: FILMS, gone: 0, unanswered: 0 });
      expect([...(await archivedFilms()).values()]).toEqual(new Array(FILMS).fill(1));
      const faults = proxy.counts();
      const { ok, ...outcomes } = (detail.requests as { tmdb: Record<string, number> }).tmdb;
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
      expect(sum(faults)).toBeGreaterThan(40);
      expect(sum(outcomes)).toBe(sum(faults));
      expect((ok ?? 0) + sum(outcomes)).toBe(proxy.requests());
      expect(outcomes).toMatchObject({
        rate_limited: faults["rate-limited"],
        server_error: faults["server-error"],
        truncated: faults["truncated-gzip"],
      });
      expect(outcomes.timeout).toBeGreaterThanOrEqual(faults.stall);
      expect(outcomes.not_json).toBeGreaterThanOrEqual(faults.html + faults["not-json"]);
      expect(await database.query("select sum(requests)::int as n from source_requests where source = 'tmdb'")).toEqual(
        [{ n: proxy.requests() }],
      );
    } finally {
      await proxy.close();
    }
  });
});
