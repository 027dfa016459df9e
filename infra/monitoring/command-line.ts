import { parseArgs } from "node:util";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { AS_SHIPPED, type MonitoringOptions } from "./monitoring-files.ts";

export const HELP = `Writes the files of Prometheus, Alertmanager, Grafana and Kibana.

  npm run monitoring                   the committed files, after a change of their builders
  npm run monitoring -- [options]      the same with settings of your own, into another folder

  --out DIR                      folder to write to; the same paths as in the repository below it
  --slack-url-file FILE          file with the address of Slack's incoming webhook, as Alertmanager finds it
  --slack-channel NAME           channel for all alerts (#marquee)
  --scrape-credentials-file FILE file with the bearer token for /metrics, as Prometheus finds it
  --scale NUMBER                 multiplies every waiting time (1)
  --help                         this text
`;

export interface MonitoringArguments {
  help: boolean;
  /** Undefined: the repository. */
  out: string | undefined;
  options: MonitoringOptions;
}

/** @throws USAGE saying which option is wrong and what is accepted */
export function parseCommandLine(words: readonly string[]): MonitoringArguments {
  const values = parseWords(words);
  const changed = Object.keys(values).some((name) => name !== "out" && name !== "help");
  if (changed && values.out === undefined) {
    throw new MarqueeError("USAGE", "The committed files have the settings as shipped: add --out DIR.");
  }
  const scale = Number(values.scale ?? 1);
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new MarqueeError("USAGE", `--scale ${values.scale}: accepted is a number above 0.`);
  }
  const credentials = values["scrape-credentials-file"];
  const urlFile = values["slack-url-file"];
  if (values["slack-channel"] !== undefined && urlFile === undefined) {
    throw new MarqueeError("USAGE", "--slack-channel needs --slack-url-file.");
  }
  return {
    help: values.help ?? false,
    out: values.out,
    options: {
      ...AS_SHIPPED,
      scale,
      ...(credentials ? { credentialsFile: credentials } : {}),
      ...(urlFile ? { slack: { urlFile, channel: values["slack-channel"] ?? "#marquee" } } : {}),
    },
  };
}

function parseWords(words: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      options: {
        help: { type: "boolean" },
        out: text,
        scale: text,
        "slack-url-file": text,
        "slack-channel": text,
        "scrape-credentials-file": text,
      },
    }).values;
  } catch (error) {
    throw new MarqueeError("USAGE", `${errorMessage(error)} --help lists the options.`, { cause: error });
  }
}
