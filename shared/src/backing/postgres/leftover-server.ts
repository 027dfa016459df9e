import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { MarqueeError, systemCode } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";

/** A fast shutdown writes a checkpoint first; so long it may take before it is cut short, in milliseconds. */
const FAST_SHUTDOWN_MS = 15_000;
/** An immediate shutdown has nothing to wait for, in milliseconds. */
const IMMEDIATE_SHUTDOWN_MS = 5_000;
/** They are not our children, so their end is no event that we could await, in milliseconds. */
const POLL_MS = 25;

/**
 * Clears up after a start whose process was killed: a server that still runs on this data is stopped (fast, then
 * immediate: both keep everything committed), and so are single backends that outlived their server. What they leave
 * in `postmaster.pid` PostgreSQL itself judges, save for one case that it cannot: see `disownPidFile`.
 * The caller holds the folder's lock, so none of these belongs to a Marquee that is alive.
 * @param dataFolder absolute and free of links, as the server was given it
 * @throws DATABASE_START_FAILED where something will not end
 */
export async function clearLeftovers(dataFolder: string, log: Logger): Promise<void> {
  const main = mainPid(dataFolder);
  let running = await serverProcesses(dataFolder);
  if (running.length > 0) {
    log.warn({ pids: running }, "an earlier PostgreSQL still runs in this folder: stopping it");
    if (main !== undefined && running.includes(main)) {
      signal(main, "SIGINT");
      running = await waitForEnd(dataFolder, FAST_SHUTDOWN_MS);
    }
    for (const pid of running) signal(pid, "SIGQUIT");
    running = await waitForEnd(dataFolder, IMMEDIATE_SHUTDOWN_MS);
    if (running.length > 0) {
      throw new MarqueeError(
        "DATABASE_START_FAILED",
        `An earlier PostgreSQL (process ${running.join(", ")}) still runs on ${dataFolder} and does not stop. End it, then start again.`,
      );
    }
  }
  disownPidFile(dataFolder);
}

async function waitForEnd(dataFolder: string, timeoutMs: number): Promise<number[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const running = await serverProcesses(dataFolder);
    if (running.length === 0 || performance.now() > deadline) return running;
    await delay(POLL_MS);
  }
}

/** Every process that works in this data folder: the server and its backends change into it. */
async function serverProcesses(dataFolder: string): Promise<number[]> {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && linkTarget(`/proc/${name}/cwd`) === dataFolder)
      .map(Number);
  }
  const pid = mainPid(dataFolder);
  return pid !== undefined && (await commandOf(pid)).includes(dataFolder) ? [pid] : [];
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // gone meanwhile, or another user's
  }
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)("/bin/ps", ["-o", "command=", "-p", String(pid)])).stdout;
  } catch {
    return ""; // no such process
  }
}

function pidFile(dataFolder: string): string {
  return join(dataFolder, "postmaster.pid");
}

function readPidFile(dataFolder: string): string[] {
  try {
    return readFileSync(pidFile(dataFolder), "utf8").split("\n");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** The server's process id as its pid file has it, whether or not it still lives. */
function mainPid(dataFolder: string): number | undefined {
  const pid = Number(readPidFile(dataFolder)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) !== "ESRCH" && systemCode(error) !== "EPERM") throw error;
  }
}

/**
 * After a restart of the machine or container the id in the pid file may be another program's, and PostgreSQL then
 * takes the data for in use. It knows its parent's id for stale, so ours is written there; the rest of the file, by
 * which PostgreSQL checks that no shared memory is in use, stays.
 */
function disownPidFile(dataFolder: string): void {
  const lines = readPidFile(dataFolder);
  if (lines.length > 1) writeFileSync(pidFile(dataFolder), [String(process.pid), ...lines.slice(1)].join("\n"));
}
