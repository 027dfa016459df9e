import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { errorMessage, MarqueeError } from "../../service/errors.ts";
import { DATABASE_URL_INSTEAD } from "./postgres-binaries.ts";
import type { ServerUser } from "./server-user.ts";

/** How much of a program's output is kept to explain its end. */
const KEPT_LINES = 20;

/**
 * Nothing of our own environment reaches PostgreSQL: its messages are to be English, its clock UTC, and variables
 * such as PGDATA or PGOPTIONS are meant for others.
 */
const ENVIRONMENT = { LC_ALL: "C", TZ: "UTC" };

/** A program of PostgreSQL's that runs as our child, in a process group of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** The last lines of what it printed, oldest first. */
  readonly output: readonly string[];
  /** Resolves when the process is gone, with the reason in words and the exit status (null after a signal). */
  readonly ended: Promise<{ status: number | null; reason: string }>;
  /** Calls back with each line that it prints. */
  onLine(listener: (line: string) => void): void;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts `file` as `user`, detached from our terminal, so that Ctrl-C reaches us alone and we stop things in order.
 * @throws DATABASE_START_FAILED where the program cannot be started at all
 */
export async function startServerProcess(user: ServerUser, file: string, args: string[]): Promise<ServerProcess> {
  const command = user.command(file, args);
  const child = spawn(command.file, command.args, {
    detached: true,
    windowsHide: true,
    env: ENVIRONMENT,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw new MarqueeError("DATABASE_START_FAILED", `${command.file} cannot be started: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
  return watch(child, child.pid ?? 0);
}

function watch(child: ChildProcess, pid: number): ServerProcess {
  const output: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      output.push(line);
      if (output.length > KEPT_LINES) output.shift();
      for (const listener of listeners) listener(line);
    });
  }
  return {
    pid,
    output,
    ended: endOf(child, output),
    onLine: (listener) => listeners.push(listener),
    signal: (name) => child.kill(name),
  };
}

async function endOf(
  child: ChildProcess,
  output: readonly string[],
): Promise<{ status: number | null; reason: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number | null; reason: string }>();
  child.once("exit", (_status, signal) => {
    // After a kill its own children may hold the output open for long: there is nothing more to wait for.
    if (signal !== null) resolve({ status: null, reason: `it was killed by ${signal}` });
  });
  child.once("close", (status) => {
    resolve({ status, reason: `it ended with status ${status}: ${output.join("\n")}` });
  });
  return promise;
}

/** Whether PostgreSQL's output says that there was no room left on the disk. */
function tellsDiskFull(output: readonly string[]): boolean {
  return output.some((line) => /No space left on device|Disk quota exceeded/.test(line));
}

/** @returns DISK_FULL where the output says so, else DATABASE_START_FAILED with the output's last lines */
export function startFailure(what: string, folder: string, output: readonly string[]): MarqueeError {
  if (tellsDiskFull(output)) {
    return new MarqueeError(
      "DISK_FULL",
      `The disk that holds ${folder} is full. Make room and start again: everything that was committed is kept.`,
      { details: { output } },
    );
  }
  const advice = output.some((line) => line.startsWith("setpriv:"))
    ? `\nAs root, PostgreSQL is started as another user, which this system refuses. Start Marquee as an ordinary user. ${DATABASE_URL_INSTEAD}`
    : "";
  return new MarqueeError("DATABASE_START_FAILED", `${what}\n${output.join("\n")}${advice}`.trimEnd(), {
    details: { output },
  });
}
