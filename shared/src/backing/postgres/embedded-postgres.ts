import { mkdir, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { errorMessage, explain, MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { type Cluster, DATABASE_NAME, dataFolderIn, prepareCluster } from "./cluster.ts";
import { lockFolder } from "./folder-lock.ts";
import { clearLeftovers } from "./leftover-server.ts";
import { stopWithUs } from "./parent-watch.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { type ServerProcess, startFailure, startServerProcess } from "./server-process.ts";
import { chooseServerUser, type ServerUser } from "./server-user.ts";

const HOST = "127.0.0.1";
/** Another program may take the port between its choice and its use; so often another is tried. */
const PORT_ATTEMPTS = 5;
/** A start that must first replay what a crash left takes long; one that takes longer hangs, in milliseconds. */
const START_TIMEOUT_MS = 120_000;
/** A process gets 10 seconds to stop each of its parts, so a fast shutdown that takes this long is cut short. */
const FAST_SHUTDOWN_MS = 7_000;
const IMMEDIATE_SHUTDOWN_MS = 2_000;

/**
 * Small enough for a laptop beside training, and everything else as PostgreSQL has it: fsync above all stays on.
 * One server, no replicas: the least write-ahead log. No parallel workers: they need /dev/shm, tiny in containers.
 */
const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: "",
  max_connections: "50",
  shared_buffers: "64MB",
  maintenance_work_mem: "64MB",
  max_wal_size: "512MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_parallel_workers_per_gather: "0",
  max_parallel_maintenance_workers: "0",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  logging_collector: "off",
  log_line_prefix: "",
};

export interface EmbeddedPostgres {
  /** postgres://marquee:…@127.0.0.1:PORT/marquee */
  readonly url: string;
  /** The server's process id. */
  readonly pid: number;
  /** Stops the server in order, in under 10 seconds, and frees the folder. Safe to call twice and after a crash. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Holds the database and nothing else; made on first use. */
  folder: string;
  log: Logger;
  /** Called once when the server ends without having been stopped, with the reason in words. */
  onUnexpectedExit?: (reason: string) => void;
}

/**
 * Starts the PostgreSQL that npm brought, as a child of this process, on a free port of the loopback interface alone.
 * It also stops when this process is killed; whatever an earlier, killed start left behind is cleared up first.
 * @throws DATABASE_NO_BINARY, DATABASE_START_FAILED, DISK_FULL, and ALREADY_RUNNING where another process has the folder
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const folder = await makeFolder(options.folder);
  const lock = lockFolder(folder);
  try {
    const user = chooseServerUser(dataFolderIn(folder));
    const cluster = await prepareCluster({ folder, binaries, user, log: options.log });
    await clearLeftovers(cluster.dataFolder, options.log);
    const server = await launch({ binaries, user, cluster, folder, log: options.log });
    return supervise(server, lock.release, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  } catch (error) {
    const known = explain(error);
    if (known instanceof MarqueeError) throw known;
    throw new MarqueeError("DATABASE_START_FAILED", `The folder ${path} cannot be made: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
}

interface LaunchOptions {
  binaries: PostgresBinaries;
  user: ServerUser;
  cluster: Cluster;
  folder: string;
  log: Logger;
}

interface RunningServer {
  process: ServerProcess;
  url: string;
  unwatch: () => void;
}

async function launch(options: LaunchOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const process = await startServerProcess(options.user, options.binaries.postgres, serverArguments(options, port));
    process.onLine((line) => logLine(options.log, line));
    const unwatch = stopWithUs(process.pid);
    try {
      await untilReady(process, options.folder);
      return { process, unwatch, url: await ensureDatabase(port, options.cluster.password) };
    } catch (error) {
      await stopProcess(process);
      unwatch();
      if (attempt < PORT_ATTEMPTS && process.output.some((line) => line.includes("could not bind"))) continue;
      throw error;
    }
  }
}

function serverArguments({ cluster }: LaunchOptions, port: number): string[] {
  const settings = Object.entries({ ...SERVER_SETTINGS, port: String(port) });
  return ["-D", cluster.dataFolder, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

function logLine(log: Logger, line: string): void {
  // A FATAL ends one connection, and its client is told; a PANIC is the server's own.
  if (line.startsWith("PANIC:")) log.warn({ postgres: line }, "PostgreSQL reports");
  else log.debug({ postgres: line }, "PostgreSQL reports");
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once("error", reject);
  server.listen(0, HOST, () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}

async function untilReady(server: ServerProcess, folder: string): Promise<void> {
  const ready = Promise.withResolvers<"ready">();
  server.onLine((line) => {
    if (line.includes("database system is ready to accept connections")) ready.resolve("ready");
  });
  const outcome = await within(START_TIMEOUT_MS, Promise.race([ready.promise, server.ended]));
  if (outcome === "ready") return;
  const what = outcome === undefined ? `was not ready in ${START_TIMEOUT_MS / 1000} seconds` : "did not start";
  throw startFailure(`The embedded PostgreSQL ${what}. It said:`, folder, server.output);
}

/** Makes the database on the first start, and shows that the server answers on every one. */
async function ensureDatabase(port: number, password: string): Promise<string> {
  const urlOf = (database: string) => `postgres://${DATABASE_NAME}:${password}@${HOST}:${port}/${database}`;
  const client = new pg.Client({ connectionString: urlOf("postgres") });
  try {
    await client.connect();
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  } catch (error) {
    const known = explain(error);
    if (known instanceof MarqueeError) throw known;
    throw new MarqueeError(
      "DATABASE_START_FAILED",
      `The embedded PostgreSQL started but cannot be used: ${errorMessage(error)}.`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
  return urlOf(DATABASE_NAME);
}

function supervise(server: RunningServer, release: () => void, options: EmbeddedPostgresOptions): EmbeddedPostgres {
  let stopped: Promise<void> | undefined;
  void server.process.ended.then(({ reason }) => {
    server.unwatch();
    if (stopped === undefined) options.onUnexpectedExit?.(`PostgreSQL ended by itself: ${reason}`);
  });
  return {
    url: server.url,
    pid: server.process.pid,
    stop: () => {
      stopped ??= stopProcess(server.process).finally(release);
      return stopped;
    },
  };
}

/** Fast (sessions end, a checkpoint is written), then immediate (the next start replays the log), then by force. */
async function stopProcess(server: ServerProcess): Promise<void> {
  server.signal("SIGINT");
  if (await within(FAST_SHUTDOWN_MS, server.ended)) return;
  server.signal("SIGQUIT");
  if (await within(IMMEDIATE_SHUTDOWN_MS, server.ended)) return;
  server.signal("SIGKILL");
  await server.ended;
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  return await Promise.race([work, timeout]).finally(() => timer.abort());
}
