import { parseArgs } from "node:util";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { DEFAULT_KEY } from "./app.ts";

export const HELP = `Serves sample films in the form of TMDB's API and IMDb's data sets.

  npm run sandbox -- [options]

  --data DIR        films from DIR instead of the sample (README.md in infra/sandbox says what it may hold)
  --port NUMBER     port to listen on; 0 takes a free one (8090)
  --host ADDRESS    address to listen on (127.0.0.1)
  --key KEY         the API key that is accepted (${DEFAULT_KEY})
  --rate-limit N    answer 429 to more than N requests a second on TMDB's side (no limit)
  --help            this text
`;

export interface SandboxArguments {
  help: boolean;
  data: string | undefined;
  port: number;
  host: string;
  key: string;
  requestsPerSecond: number | undefined;
}

/** @throws USAGE saying which option is wrong and what is accepted */
export function parseCommandLine(words: readonly string[]): SandboxArguments {
  const values = parseWords(words);
  return {
    help: values.help,
    data: values.data,
    port: wholeNumber("--port", values.port, 0, 65_535),
    host: notEmpty("--host", values.host),
    key: notEmpty("--key", values.key),
    requestsPerSecond:
      values["rate-limit"] === undefined ? undefined : wholeNumber("--rate-limit", values["rate-limit"], 1, 100_000),
  };
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        data: { type: "string" },
        port: { type: "string", default: "8090" },
        host: { type: "string", default: "127.0.0.1" },
        key: { type: "string", default: DEFAULT_KEY },
        "rate-limit": { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new MarqueeError("USAGE", `${errorMessage(error).replace(/\.?$/, ".")} --help lists the options.`, {
      cause: error,
    });
  }
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new MarqueeError(
    "USAGE",
    `${option} accepts a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`,
  );
}

function notEmpty(option: string, text: string): string {
  if (text.trim() !== "") return text;
  throw new MarqueeError("USAGE", `${option} must not be empty.`);
}
