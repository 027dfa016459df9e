import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { z } from "zod";

const run = promisify(execFile);

/** wrk prints a table, and in its last line what post-body.lua has made of it. */
const foundSchema = z.object({
  requests: z.int(),
  micros: z.number().positive(),
  p50: z.number(),
  p99: z.number(),
  refused: z.int(),
  lost: z.int(),
});

export interface Load {
  /** Answers a second. */
  rate: number;
  /** Milliseconds. */
  p50Ms: number;
  p99Ms: number;
}

export interface LoadOptions {
  url: string;
  /** A file whose content is sent again and again, as JSON. */
  body: string;
  connections: number;
  seconds: number;
}

/**
 * Asks a server as often as it answers, over so many connections.
 * @throws USAGE where wrk is not installed; INTERNAL where a request was refused or lost, since rates of refusals say nothing
 */
export async function loadWithWrk({ url, body, connections, seconds }: LoadOptions): Promise<Load> {
  const script = join(import.meta.dirname, "post-body.lua");
  const load = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "20s"];
  const { stdout } = await run("wrk", [...load, "-s", script, url, "--", body]).catch((error: unknown) => {
    const missing = systemCode(error) === "ENOENT";
    throw missing
      ? new MarqueeError("USAGE", "The benchmark needs wrk (Debian: apt-get install wrk).", { cause: error })
      : error;
  });
  const { requests, micros, p50, p99, refused, lost } = foundSchema.parse(
    JSON.parse(stdout.trim().split("\n").at(-1) ?? ""),
  );
  if (refused + lost > 0 || requests === 0) {
    throw new MarqueeError("INTERNAL", `Of ${requests} requests to ${url} ${refused} were refused and ${lost} lost.`);
  }
  return { rate: requests / (micros / 1e6), p50Ms: p50 / 1e3, p99Ms: p99 / 1e3 };
}
