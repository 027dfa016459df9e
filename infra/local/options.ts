import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { showsSourceRatings } from "@marquee/controltower/serving/env";
import { type LoadOptions, loadSettings } from "@marquee/shared/service/env";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { type LocalSettings, localSettings } from "./env.ts";

export const HELP = `Marquee on this machine: collects, trains and serves, everything in one process and one folder.

Usage: npm start -- [options]

Options
  --port N         port of the API and its documentation      PORT, default 8080; 0 takes any free one
  --host ADDRESS   address to listen on                       HOST, default 127.0.0.1
  --home DIR       folder for the database, archive, models   MARQUEE_HOME, default .marquee
  --data DIR       films to use instead of the sample: a folder of recorded TMDB and IMDb data
                   (infra/sandbox/README.md says in which form)
  --fresh          forget what this profile has (database, archive, models, log) and begin anew
  --help           this text

Settings (environment, .env, .env.<MARQUEE_ENV>; .env.example explains all)
  TMDB_API_KEY              a key of your own: collects from the real TMDB and IMDb instead of the sample
  TMDB_MIN_VOTES            only films with at least so many votes on TMDB; 50 keeps a first crawl under half an hour
  TMDB_REQUESTS_PER_SECOND  default 40, what TMDB asks for; 0: no limit
  DATABASE_URL              a PostgreSQL 15 or newer of your own instead of the embedded one
  OBJECT_STORE_URL          file:///folder or s3://bucket/prefix for the archive and the models
  S3_ENDPOINT               an S3-compatible server's address; unset: Amazon's of AWS_REGION. Credentials as the AWS SDK
                            finds them in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role
  REDIS_URL                 redis://user:password@host:6379/0 (rediss: with TLS) for features online, instead of memory
  MATURITY_DAYS             days until another film's rating counts in features, default 0
  TRAINING_BACKEND          auto, wasm or native; TRAINING_SEED, TRAINING_TEST_FROM (a day)
  SHOW_SOURCE_RATINGS       true or false: IMDb's rating beside the prediction; default true, in production false
  LOG_LEVEL                 default info; the log is <home>/<profile>/marquee.log

Ctrl-C stops clean. What was done is kept: the next start goes on where this one was.`;

export interface LocalOptions extends LocalSettings {
  /** Absolute; the folder given with --data. */
  dataFolder: string | undefined;
  /** Begin anew: the profile's folder is emptied first. */
  fresh: boolean;
  showSourceRatings: boolean;
}

/**
 * @param args the command line without program and script
 * @param load where settings are read from, beside the command line
 * @returns "help" where only the help text was asked for
 * @throws USAGE, SETTINGS_INVALID
 */
export function readOptions(args: readonly string[], load: LoadOptions = {}): LocalOptions | "help" {
  const flags = parseFlags(args);
  if (flags.help) return "help";
  const settings = loadSettings(localSettings, {
    ...load,
    overrides: { PORT: flags.port, HOST: flags.host, MARQUEE_HOME: flags.home },
  });
  if (flags.fresh && (settings.DATABASE_URL ?? settings.OBJECT_STORE_URL) !== undefined) {
    throw new MarqueeError(
      "USAGE",
      "--fresh empties the profile's folder alone. What DATABASE_URL and OBJECT_STORE_URL hold is yours to empty, or name others.",
    );
  }
  return {
    ...settings,
    MARQUEE_HOME: resolve(settings.MARQUEE_HOME),
    dataFolder: flags.data === undefined ? undefined : resolve(flags.data),
    fresh: flags.fresh,
    showSourceRatings: showsSourceRatings(settings),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    return parseArgs({
      args: [...args],
      options: {
        port: text,
        host: text,
        home: text,
        data: text,
        fresh: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new MarqueeError(
      "USAGE",
      `${errorMessage(error).replace(/\.?$/, ".")} npm start -- --help says what can be set.`,
      {
        cause: error,
      },
    );
  }
}
