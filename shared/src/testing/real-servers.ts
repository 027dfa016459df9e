import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
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

/** Servers of one test file alone, so that it may kill them. */
export interface OwnServers {
  /** Starts it, or starts it again on its data; resolves with its settings once it answers. */
  start(): Promise<Record<string, string>>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Stops it and deletes its data. */
  wipe(): Promise<void>;
}

/** @returns undefined where the inputs, whose script starts servers, are not there */
export function ownServer(name: "redis" | "s3" | "kafka" | "elasticsearch"): OwnServers | undefined {
  const script = findInput("servers/servers", "tests that kill a server");
  if (script === undefined) return undefined;
  // Beside the shared set, where there is one: who stops that one finds this one too, should the tests be killed.
  const parent = process.env.SERVERS_RUN ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "own-"));
  const offset = PORT_OFFSETS.from + Math.floor(Math.random() * (PORT_OFFSETS.to - PORT_OFFSETS.from));
  const call = (verb: string) =>
    run(script, [verb, name], { env: { ...process.env, SERVERS_RUN: folder, SERVERS_PORT_BASE: String(offset) } });
  return {
    start: async () => {
      const { stdout } = await call("start");
      return Object.fromEntries([...stdout.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
    },
    kill: async () => {
      await call("kill");
    },
    wipe: async () => {
      await call("wipe");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
