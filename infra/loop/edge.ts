import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axios from "axios";
import { renderNginx, renderTeam, renderUpstreams } from "../nginx/render.ts";
import { until } from "./until.ts";

export interface EdgeOptions {
  /** Path of Debian's Nginx. */
  nginx: string;
  /** An empty folder of its own. */
  folder: string;
  port: number;
  servingPorts: readonly number[];
  schedulerPort: number;
}

/** Debian's Nginx with the product's own settings, on this machine's ports. */
export interface Edge {
  readonly address: string;
  stop(): Promise<void>;
}

/** Far above what the load asks for: the limit per address is not what the loop is about. */
const REQUESTS_PER_SECOND = 10_000;

export async function startEdge({
  nginx: path,
  folder,
  port,
  servingPorts,
  schedulerPort,
}: EdgeOptions): Promise<Edge> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const local = (one: number) => `127.0.0.1:${one}`;
  writeFileSync(
    join(folder, "upstreams.conf"),
    renderUpstreams({ serving: servingPorts.map(local), scheduler: local(schedulerPort) }),
  );
  writeFileSync(join(folder, "team.conf"), renderTeam(["127.0.0.1"]));
  const main = join(folder, "nginx.conf");
  const errorLog = join(folder, "error.log");
  writeFileSync(
    main,
    renderNginx({
      listen: local(port),
      folder,
      temporaryFolder: folder,
      accessLog: join(folder, "access.log"),
      errorLog,
      requestsPerSecond: REQUESTS_PER_SECOND,
      burst: REQUESTS_PER_SECOND,
    }),
  );
  const nginx = spawn(path, ["-c", main, "-e", errorLog, "-g", "daemon off;"], { stdio: "inherit" });
  const stop = () => stopped(nginx);
  try {
    await until("Nginx answers", 120, () => axios.get(`http://${local(port)}/health`, { proxy: false }));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: `http://${local(port)}`, stop };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill("SIGQUIT"); // lets what is under way finish
  await ended;
}
