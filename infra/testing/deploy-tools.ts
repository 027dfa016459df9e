import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { MarqueeError } from "@marquee/shared/service/errors";
import { findInput } from "@marquee/shared/testing/inputs";

const execute = promisify(execFile);

export interface Outcome {
  code: number;
  /** Standard output and error, one after the other. */
  text: string;
}

/** A program that checks the deployment's files. */
export interface Tool {
  path: string;
  /** @param variables beside the process's own */
  run(args: readonly string[], variables?: Record<string, string>): Promise<Outcome>;
}

/** Where Docker's packages put Compose, which runs by itself from there too. */
const PLUGINS = ["/usr/libexec/docker/cli-plugins", "/usr/local/lib/docker/cli-plugins"];

/**
 * A checker from where the inputs' script puts it, else from PATH; undefined where it is not installed. Tests that need it
 * then skip, and say so once.
 * @throws SETTINGS_INVALID in CI where the inputs are, since .ci/run installs it from them
 */
export function findTool(name: string, tests = "checks of the deployment's files"): Tool | undefined {
  const cache = process.env.SERVERS_CACHE ?? join(homedir(), ".cache/real-servers");
  const folders = [join(cache, "bin"), ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", ...PLUGINS];
  const path = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (path !== undefined) return { path, run: (args, variables) => run(path, args, variables) };
  const message = `${tests} need ${name}`;
  if (process.env.CI && process.platform === "linux" && findInput("servers/servers", message) !== undefined) {
    throw new MarqueeError("SETTINGS_INVALID", `${message}, and CI is to install it.`);
  }
  process.stderr.write(`skipped: ${message}\n`);
  return undefined;
}

/** Also where the program fails. */
export async function run(
  path: string,
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await execute(path, args, { env: { ...process.env, ...variables }, maxBuffer: 2 ** 26 });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, text: `${stdout ?? ""}${stderr ?? ""}` };
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
