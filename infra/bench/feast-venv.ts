import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { loadSettings } from "@marquee/shared/service/env";
import { errorMessage, MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { feastSettings } from "./env.ts";

const run = promisify(execFile);

/** What is measured against, and what the feature server's answers are read with. */
export const FEAST_VERSION = "0.67.0";
const REQUIREMENT = `feast[redis]==${FEAST_VERSION}`;
/** pip tells each file that it fetches. */
const MAX_OUTPUT_BYTES = 2 ** 26;

/**
 * A Python environment with Feast and its Redis store: from the folder BENCH_CACHE, made there the first time (one to
 * three minutes). Two that make it at once do not disturb each other: the first one's is kept.
 * @param print told when it has to be made
 * @returns its folder of programs: `python`, `feast`
 * @throws USAGE naming what is missing: python3, its venv module, or a package that pip cannot fetch
 */
export async function feastVenv(print: (line: string) => void): Promise<string> {
  const { BENCH_CACHE: cache } = loadSettings(feastSettings);
  const kept = join(cache, `feast-${FEAST_VERSION}`);
  const programs = join(kept, "bin");
  if (await works(programs)) return programs;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(`${kept}-`);
  print(`making a Python environment with ${REQUIREMENT} in ${made} …`);
  try {
    await python("python3", ["-m", "venv", made], "python3 with its venv module (Debian: python3-venv)");
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT];
    await python(join(made, "bin", "python"), install, `${REQUIREMENT} from pip's index`);
    await keep(made, kept);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
  return programs;
}

/** The Python that it was made with may have been removed since. */
async function works(programs: string): Promise<boolean> {
  if (!existsSync(join(programs, "feast"))) return false;
  return run(join(programs, "python"), ["--version"]).then(
    () => true,
    () => false,
  );
}

/** Programs name their folder, so it is not moved: a link leads to it. */
async function keep(made: string, kept: string): Promise<void> {
  if (existsSync(kept) && (await works(join(kept, "bin")))) {
    await rm(made, { recursive: true });
    return;
  }
  await rm(kept, { force: true });
  try {
    await symlink(basename(made), kept);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    await rm(made, { recursive: true });
  }
}

async function python(program: string, words: string[], needed: string): Promise<void> {
  try {
    await run(program, words, { maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    throw new MarqueeError("USAGE", `Measuring beside Feast needs ${needed}: ${errorMessage(error)}`, { cause: error });
  }
}
