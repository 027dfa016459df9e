import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { showsSourceRatings } from "@marquee/controltower/serving/env";
import { type LoadOptions, loadSettings } from "@marquee/shared/service/env";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { type LocalSettings, localSettings } from "./env.ts";

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
  const { help, ...flags } = parseFlags(args);
  return help ? "help" : optionsOf(flags, load);
}

/** What the command line says beside the settings. */
export interface LocalFlags {
  port?: string;
  host?: string;
  home?: string;
  data?: string;
  fresh?: boolean;
}

/** @throws SETTINGS_INVALID with all wrong settings at once; USAGE */
export function optionsOf(flags: LocalFlags, load: LoadOptions = {}): LocalOptions {
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
    fresh: flags.fresh ?? false,
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
