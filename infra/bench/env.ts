import { homedir } from "node:os";
import { join } from "node:path";
import { processSettings, redisSettings } from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** What benchmarks read from the environment. */
export const benchSettings = z.object({
  /** A PostgreSQL server where databases may be made and dropped. */
  DATABASE_URL: setting.url("postgres", "postgresql"),
});

/** What our feature server's process reads in a benchmark. */
export const benchServerSettings = z.object({
  ...processSettings,
  ...redisSettings,
  PORT: setting.integer(0, 65_535),
});

/** What benchmarks beside Feast, and the tests with its client, read from the environment. */
export const feastSettings = z.object({
  /** The folder that keeps Feast's virtual environment from one run to the next. */
  BENCH_CACHE: setting.text().default(join(homedir(), ".cache", "marquee")),
});

/** For programs that are called: what this process was given, and what is added to it. */
export function childVariables(added: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}

/** Programs are looked for in these folders first. */
export function pathWith(folder: string): string {
  return `${folder}:${process.env.PATH ?? ""}`;
}
