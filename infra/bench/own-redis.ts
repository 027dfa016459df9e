import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { freePorts } from "../loop/free-ports.ts";

export interface OwnRedis {
  port: number;
  /** redis://127.0.0.1:port */
  url: string;
  stop(): Promise<void>;
}

/**
 * A Redis server of a benchmark's own on a free port, which keeps everything in memory alone.
 * @throws USAGE where redis-server is not installed or does not start
 */
export async function startOwnRedis(): Promise<OwnRedis> {
  const { redis: port } = await freePorts(["redis"]);
  const folder = await mkdtemp(join(tmpdir(), "marquee-redis-"));
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", words, { stdio: ["ignore", "pipe", "ignore"] });
  const stop = async () => {
    const ended = child.exitCode === null && child.pid !== undefined ? once(child, "exit") : undefined;
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: `redis://127.0.0.1:${port}`, stop };
}

function ready(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let printed = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.includes("Ready to accept connections")) resolve();
  });
  child.once("error", (error) => {
    const missing = systemCode(error) === "ENOENT";
    const why = missing ? "redis-server is not installed (Debian: apt-get install redis-server)." : error.message;
    reject(new MarqueeError("USAGE", `The benchmark needs a Redis server: ${why}`, { cause: error }));
  });
  child.once("exit", (code) => {
    reject(new MarqueeError("USAGE", `redis-server ended with ${code} before it was ready:\n${printed}`));
  });
  return promise;
}
