import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MarqueeError } from "../service/errors.ts";
import { findInput } from "./inputs.ts";

const run = promisify(execFile);

/** Added to a server's usual port (5,000 to 20,000): apart from the shared set, and below the ports given to clients. */
const PORT_OFFSETS = { from: 1_000, to: 12_000 };

type ServerSetting =
  | "DATABASE_URL"
  | "REDIS_URL"
  | "OBJECT_STORE_URL"
  | "KAFKA_BROKERS"
  | "ELASTICSEARCH_URL"
  | "MLFLOW_TRACKING_URI";

/**
 * A setting that names a real server, from the environment; undefined where it is unset. Tests that need it then skip,
 * and say so once.
 * @throws SETTINGS_INVALID in CI, where the servers are to be there
 */
export function serverSetting(name: ServerSetting): string | undefined {
  const value = process.env[name];
  if (value) return value;
  const message = `tests on a real server need ${name}`;
  if (process.env.CI) throw new MarqueeError("SETTINGS_INVALID", `${message}, and CI is to set it.`);
  process.stderr.write(`skipped: ${message}\n`);
  return undefined;
}

export type ServerName =
  | "postgres"
  | "redis"
  | "kafka"
  | "elasticsearch"
  | "s3"
  | "mlflow"
  | "prometheus"
  | "alertmanager";

/** Servers of one test file alone, so that it may kill them. */
export interface OwnServers {
  /**
   * Starts them one after the other, or starts them again on their data; resolves with their settings once they answer.
   * @param variables for the script, such as PROMETHEUS_CONFIG
   */
  start(names: readonly ServerName[], variables?: Record<string, string>): Promise<Record<string, string>>;
  /** SIGKILL. */
  kill(name: ServerName): Promise<void>;
  /** Stops them all and deletes their data. */
  wipe(): Promise<void>;
}

/** @returns undefined where the inputs, whose script starts servers, are not there */
export function ownServers(): OwnServers | undefined {
  const script = findInput("servers/servers", "tests that start servers of their own");
  if (script === undefined) return undefined;
  // Beside the shared set, where there is one: who stops that one finds this one too, should the tests be killed.
  const parent = process.env.SERVERS_RUN ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "own-"));
  chmodSync(folder, 0o755); // some servers run as other users
  const offset = PORT_OFFSETS.from + Math.floor(Math.random() * (PORT_OFFSETS.to - PORT_OFFSETS.from));
  const call = (verb: string, names: readonly ServerName[], variables: Record<string, string> = {}) =>
    run(script, [verb, ...names], {
      env: { ...process.env, ...variables, SERVERS_RUN: folder, SERVERS_PORT_BASE: String(offset) },
      maxBuffer: 2 ** 26, // a first start installs, and tells so
    });
  return {
    start: async (names, variables) => {
      await call("start", names, variables);
      // Asked for afterwards: what is installed on the way may print something of its own.
      const { stdout } = await call("env", []);
      return Object.fromEntries([...stdout.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
    },
    kill: async (name) => {
      await call("kill", [name]);
    },
    wipe: async () => {
      await call("wipe", []);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One server of a test file's own. */
export interface OwnServer {
  start(): Promise<Record<string, string>>;
  kill(): Promise<void>;
  wipe(): Promise<void>;
}

export function ownServer(name: ServerName): OwnServer | undefined {
  const servers = ownServers();
  return servers && { start: () => servers.start([name]), kill: () => servers.kill(name), wipe: () => servers.wipe() };
}
