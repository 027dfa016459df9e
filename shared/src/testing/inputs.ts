import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder of inputs: MARQUEE_INPUTS, else `shared` beside the repository; it need not be there. */
const INPUTS = process.env.MARQUEE_INPUTS ?? join(import.meta.dirname, "../../../../shared");

/**
 * A file or folder among the inputs, undefined where it is not there. Tests that need it then skip, and say so once;
 * .ci/run fails instead.
 * @param path relative to the inputs
 * @param tests which tests need it, for the line that says so
 */
export function findInput(path: string, tests: string): string | undefined {
  const found = join(INPUTS, path);
  if (existsSync(found)) return found;
  process.stderr.write(`skipped: ${tests} need ${path} of the inputs (MARQUEE_INPUTS), not found at ${INPUTS}\n`);
  return undefined;
}
