import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder of recorded data among the inputs (MARQUEE_INPUTS, else ../shared beside the repository), undefined where it
 * is not there. Tests that need it then skip, and say so once; .ci/run fails instead.
 */
export function recordedData(): string | undefined {
  const inputs = process.env.MARQUEE_INPUTS ?? join(import.meta.dirname, "../../../shared");
  const data = join(inputs, "data");
  if (existsSync(join(data, "tmdb5000"))) return data;
  process.stderr.write(`skipped: tests on recorded data need the inputs (MARQUEE_INPUTS), not found at ${inputs}\n`);
  return undefined;
}
