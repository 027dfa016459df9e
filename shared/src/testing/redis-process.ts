import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { MarqueeError } from "../service/errors.ts";

/** A Redis server of a test's own, with a folder of its own. */
export interface RedisProcess {
  readonly port: number;
  /** redis://127.0.0.1:port */
  readonly url: string;
  /** Where dump.rdb lies. */
  readonly folder: string;
  /** Starts it, or starts it again on what lies in its folder; resolves once it takes connections. */
  start(): Promise<void>;
  /** SIGKILL: what was not saved is lost. */
  kill(): Promise<void>;
  /** Ends it and deletes its folder. */
  wipe(): Promise<void>;
}

/** Whether redis-server is installed; tests that need it skip where it is not, and say so once. */
export function hasRedisServer(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("skipped: tests that kill a Redis need redis-server (Debian: apt-get install redis-server)\n");
    return false;
  }
}

/** @param settings of redis.conf as words of a command line. It saves nothing by itself unless they say so. */
export async function createRedisProcess(settings: readonly string[] = []): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), "marquee-redis-"));
  const [port, busPort] = await freePorts();
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    start: async () => {
      const own = ["--port", String(port), "--cluster-port", String(busPort), "--bind", "127.0.0.1", "--dir", folder];
      child = spawn("redis-server", [...own, "--save", "", ...settings], { stdio: ["ignore", "pipe", "ignore"] });
      await ready(child);
    },
    kill,
    wipe: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs commands on a server, on a connection of its own. */
export async function asAdmin<T>({ url }: Pick<RedisProcess, "url">, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let printed = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.includes("Ready to accept connections")) resolve();
  });
  child.once("error", reject);
  child.once("exit", (code) => reject(new MarqueeError("INTERNAL", `redis-server ended with ${code}:\n${printed}`)));
  await promise;
}

/** Two ports that nobody listens on now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const [one, other] = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return [one ?? 0, other ?? 0];
}
