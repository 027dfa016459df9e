import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { findInput } from "@marquee/shared/testing/inputs";
import { childVariables, pathWith } from "./env.ts";
import { feastVenv } from "./feast-venv.ts";
import { type OwnRedis, startOwnRedis } from "./own-redis.ts";
import { type HistoricalJoin, joinsIn, type Materialisation, materialisationsIn } from "./sdk-figures.ts";

const run = promisify(execFile);

const MAX_OUTPUT_BYTES = 2 ** 26;
/** `feast serve` needs some seconds; more on a machine that does other things. */
const START_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 100;
/** Its data is within. */
const ALL_DAYS = ["2026-09-01T00:00:00", "2026-10-20T00:00:00"];

/**
 * Feast with its file store and Redis on made-up data: entities `id` with 20 columns x00 … x19 and five rows each
 * within five days from 2026-10-01, as the views v5k (5,000 entities) and v100k (100,000).
 */
export interface FeastPeer {
  /** Parquet files: id (int64), ts (microseconds, UTC), x00 … x19 (float64). */
  rows: Record<"v5k" | "v100k", string>;
  /** Parquet file: 100,000 times id, event_timestamp (microseconds, UTC). */
  entities: string;
  /** JSON files: what both feature servers are asked for, all columns of v5k for so many entities. */
  questions: Record<"one" | "fifty", string>;
  /** Feast's online store, this peer's own. */
  redis: Pick<OwnRedis, "port" | "url">;
  /** v5k alone to Feast's online store, for its server. */
  materializeSmall(): Promise<void>;
  /** Python's own clock around `materialize` of each view, one after the other. */
  materialize(): Promise<Record<"v5k" | "v100k", Materialisation>>;
  /** Python's own clock around `get_historical_features(entities, all columns of v100k).to_df()`, twice. */
  historicalJoins(): Promise<HistoricalJoin[]>;
  /** `feast serve` with one worker; resolves once it answers. */
  serve(port: number): Promise<FeastServer>;
  /** Ends all that it has started and removes its data. */
  stop(): Promise<void>;
}

export interface FeastServer {
  /** http://127.0.0.1:port */
  address: string;
  stop(): Promise<void>;
}

/**
 * Feast beside us: its environment, data, registry and a Redis server.
 * @param print told of what takes long
 * @throws USAGE naming what is missing: the inputs, Python, a package, redis-server
 */
export async function startFeastPeer(print: (line: string) => void): Promise<FeastPeer> {
  const maker = findInput("peers/serving/feast_make.py", "benchmarks beside Feast");
  if (maker === undefined) throw new MarqueeError("USAGE", "The benchmark needs peers/serving of the inputs.");
  const programs = await feastVenv(print);
  const data = await mkdtemp(join(tmpdir(), "marquee-feast-"));
  const stops: (() => Promise<void>)[] = [() => rm(data, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const redis = await startOwnRedis();
    stops.push(redis.stop);
    const repository = join(data, "repo_file");
    const calls = { programs, data, repository, scripts: dirname(maker) };
    print("making Feast's data …");
    await call(calls, "python", [maker, data, String(redis.port)]);
    await call(calls, "feast", ["-c", repository, "apply"]);
    const sdk = (what: string) => call(calls, "python", [join(calls.scripts, "feast_sdk.py"), repository, data, what]);
    return {
      rows: { v5k: join(data, "5k.parquet"), v100k: join(data, "100k.parquet") },
      entities: join(data, "entities.parquet"),
      questions: { one: join(data, "on1_v5k.json"), fifty: join(data, "on50_v5k.json") },
      redis,
      materializeSmall: async () => {
        await call(calls, "feast", ["-c", repository, "materialize", ...ALL_DAYS, "-v", "v5k"]);
      },
      materialize: async () => materialisationsIn(await sdk("materialize")),
      historicalJoins: async () => joinsIn(await sdk("hist")),
      serve: async (port) => {
        const server = await serve(calls, port);
        stops.push(server.stop);
        return server;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Calls {
  programs: string;
  data: string;
  repository: string;
  scripts: string;
}

/** Feast calls programs of its environment by name, and its repository finds the data by FEAST_DATA. */
function environment({ programs, data }: Calls): NodeJS.ProcessEnv {
  return childVariables({ PATH: pathWith(programs), FEAST_DATA: data, FEAST_USAGE: "False" });
}

/** @returns what it has printed */
async function call(calls: Calls, program: "python" | "feast", words: string[]): Promise<string> {
  try {
    const options = { env: environment(calls), maxBuffer: MAX_OUTPUT_BYTES };
    return (await run(join(calls.programs, program), words, options)).stdout;
  } catch (error) {
    throw new MarqueeError("INTERNAL", `Feast's side failed: ${errorMessage(error)}`, { cause: error });
  }
}

async function serve(calls: Calls, port: number): Promise<FeastServer> {
  // Without a limit of requests: by default a worker is replaced amid the run.
  const limits = ["-w", "1", "--max-requests", "0", "--max-requests-jitter", "0"];
  const child = spawn(
    join(calls.programs, "feast"),
    ["serve", "-h", "127.0.0.1", "-p", String(port), "--no-access-log", ...limits],
    { cwd: calls.repository, env: environment(calls), stdio: ["ignore", "ignore", "pipe"] },
  );
  const server = { address: `http://127.0.0.1:${port}`, stop: () => end(child) };
  try {
    await answering(child, `${server.address}/health`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function answering(child: ChildProcess, health: string): Promise<void> {
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = `${printed}${text}`.slice(-2_000);
  });
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit && child.exitCode === null) {
    const { ok } = await fetch(health).catch(() => ({ ok: false }));
    if (ok) return;
    await delay(LOOK_EVERY_MS);
  }
  throw new MarqueeError("INTERNAL", `feast serve does not answer:\n${printed}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
