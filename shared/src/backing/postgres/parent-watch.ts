import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Waits for its input to end, which only the death of the process at the other end brings about; then interrupts. */
const SCRIPT = 'read -r _; kill -INT "$1"';

/**
 * Has a program of PostgreSQL's stopped when this process dies without having stopped it (SIGKILL, a crash): a shell
 * holds the other end of a pipe that the operating system closes with us. Not on Windows; there the next start clears up.
 * @returns ends the watch, to be called once the program is gone, since its number may then become another's
 */
export function stopWithUs(pid: number): () => void {
  if (process.platform === "win32") return () => {};
  const watcher = spawn("/bin/sh", ["-c", SCRIPT, "sh", String(pid)], {
    detached: true,
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It is a help, not a need: without a shell the next start finds what was left and stops it.
  watcher.on("error", () => {});
  // Neither the process nor the pipe keeps ours from ending.
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => {
    watcher.kill("SIGKILL");
  };
}
