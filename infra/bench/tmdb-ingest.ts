import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { systemClock } from "@marquee/shared/service/clock";
import { loadSettings } from "@marquee/shared/service/env";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { findInput } from "@marquee/shared/testing/inputs";
import { startProcess } from "@marquee/shared/testing/marquee-process";
import { createArchive } from "@marquee/workhorse/archive/archive";
import { loadTmdb } from "@marquee/workhorse/catalog/load-tmdb";
import { createSourceClients } from "@marquee/workhorse/sources/source-clients";
import { collect } from "@marquee/workhorse/tasks/collect";
import type { TaskContext } from "@marquee/workhorse/tasks/task-context";
import axios from "axios";
import type { BenchResult } from "./benches.ts";
import { benchSettings } from "./env.ts";
import { createOwnDatabase } from "./own-database.ts";

const KEY = "sandbox";
const CONCURRENCY = 16;
const ROUNDS = 3;

interface Round {
  films: number;
  collectSeconds: number;
  loadSeconds: number;
  bareSeconds: number;
}

/**
 * TMDB's films from the first request to typed rows (list of ids, details with credits, archive, catalog) against the
 * sandbox without a rate limit, beside the bare requests for the same details: same client, same number at a time,
 * bodies read and thrown away.
 * @throws SETTINGS_INVALID without DATABASE_URL; USAGE where the inputs are not there
 */
export async function benchTmdbIngest(print: (line: string) => void): Promise<BenchResult> {
  const { DATABASE_URL: server } = loadSettings(benchSettings);
  const films = findInput("data/tmdb5000", "benchmarks of films");
  if (films === undefined) throw new MarqueeError("USAGE", "The benchmark needs data/tmdb5000 of the inputs.");
  const sandbox = startProcess(["infra/sandbox/main.ts", "--data", dirname(films), "--port", "0", "--key", KEY]);
  const rounds: Round[] = [];
  try {
    const address = (await sandbox.printed(/TMDB_BASE_URL=(http:\/\/\S+)\/3/))[1] ?? "";
    for (let round = 1; round <= ROUNDS; round++) {
      const measured = await ingestOnce(server, address);
      rounds.push(measured);
      print(
        `round ${round} of ${ROUNDS}: ${measured.films} films; collect ${measured.collectSeconds.toFixed(1)} s, catalog ${measured.loadSeconds.toFixed(1)} s; bare requests ${measured.bareSeconds.toFixed(1)} s`,
      );
    }
  } finally {
    sandbox.signal("SIGTERM");
    await sandbox.ended();
  }
  return resultOf(rounds);
}

async function ingestOnce(server: string, address: string): Promise<Round> {
  const database = await createOwnDatabase(server, { migrated: true });
  const folder = await mkdtemp(join(tmpdir(), "marquee-bench-"));
  const log = createLogger("bench", "error", process.stderr);
  const connected = connectDatabase({ url: database.url, log });
  try {
    const objectStore = createFileObjectStore(join(folder, "objects"));
    const archive = createArchive(objectStore, systemClock);
    const { signal } = new AbortController();
    const context: TaskContext = {
      database: connected,
      objectStore,
      clock: systemClock,
      log,
      signal,
      onProgress: () => undefined,
    };
    const sources = createSourceClients(
      {
        TMDB_API_KEY: KEY,
        TMDB_BASE_URL: `${address}/3`,
        TMDB_REQUESTS_PER_SECOND: 0,
        TMDB_CONCURRENCY: CONCURRENCY,
        TMDB_MIN_VOTES: 0,
        IMDB_BASE_URL: `${address}/imdb`,
      },
      context,
    );
    const start = performance.now();
    await collect(context, sources, archive, { source: "tmdb" });
    const collected = performance.now();
    await loadTmdb(context, archive);
    const loaded = performance.now();
    const ids = await connected.query<{ tmdb_id: number }>("select tmdb_id from movies order by tmdb_id");
    const bareStart = performance.now();
    await askBare(
      address,
      ids.map(({ tmdb_id }) => tmdb_id),
    );
    return {
      films: ids.length,
      collectSeconds: (collected - start) / 1000,
      loadSeconds: (loaded - collected) / 1000,
      bareSeconds: (performance.now() - bareStart) / 1000,
    };
  } finally {
    await connected.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function askBare(address: string, ids: readonly number[]): Promise<void> {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const http = axios.create({
    baseURL: `${address}/3`,
    httpAgent,
    proxy: false,
    responseType: "text",
    transformResponse: [],
  });
  const params = { api_key: KEY, append_to_response: "credits,external_ids,keywords,release_dates" };
  let next = 0;
  async function worker(): Promise<void> {
    for (let i = next++; i < ids.length; i = next++) await http.get(`/movie/${ids[i]}`, { params });
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  httpAgent.destroy();
}

function resultOf(rounds: readonly Round[]): BenchResult {
  const total = ({ collectSeconds, loadSeconds }: Round) => collectSeconds + loadSeconds;
  const middle = rounds.toSorted((a, b) => total(a) - total(b))[Math.floor(rounds.length / 2)];
  if (!middle) throw new MarqueeError("INTERNAL", "No round was measured.");
  return {
    name: "tmdb-ingest",
    filmsPerSecond: Math.round(middle.films / total(middle)),
    films: middle.films,
    seconds: Number(total(middle).toFixed(2)),
    collectSeconds: Number(middle.collectSeconds.toFixed(2)),
    loadSeconds: Number(middle.loadSeconds.toFixed(2)),
    bareSeconds: Number(middle.bareSeconds.toFixed(2)),
    ratio: Number((total(middle) / middle.bareSeconds).toFixed(2)),
  };
}
