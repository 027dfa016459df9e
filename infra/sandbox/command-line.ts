import { parseArgs } from "node:util";
import { type CalendarDate, calendarDateSchema } from "@marquee/shared/contracts/time";
import { errorMessage, MarqueeError } from "@marquee/shared/service/errors";
import { DEFAULT_KEY } from "./app.ts";
import type { Position, RatingShift } from "./film-at.ts";

export const HELP = `Serves sample films in the form of TMDB's API and IMDb's data sets.

  npm run sandbox -- [options]

  --data DIR        films from DIR instead of the sample (README.md in infra/sandbox says what it may hold)
  --port NUMBER     port to listen on; 0 takes a free one (8090)
  --host ADDRESS    address to listen on (127.0.0.1)
  --key KEY         the API key that is accepted (${DEFAULT_KEY})
  --rate-limit N    answer 429 to more than N requests a second on TMDB's side (no limit)
  --control         let /control edit and delete films (always so with --as-of)
  --help            this text

To stand at a date, which moves on through /control:
  --as-of DAY            show what was out and rated by then (YYYY-MM-DD)
  --announced-days N     and films that come out within N days after it, without votes (0)
  --rated-after-days N   films are rated from N days after their release (0)
  --shift POINTS         move the ratings of films released from --shift-from on, from -9 to 9
  --shift-from DAY       the first day whose films are moved
`;

export interface SandboxArguments {
  help: boolean;
  data: string | undefined;
  port: number;
  host: string;
  key: string;
  requestsPerSecond: number | undefined;
  control: boolean;
  /** undefined: everything is shown */
  start: Position | undefined;
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
    control: values.control || values["as-of"] !== undefined,
    start: startOf(values),
  };
}

const DATED_OPTIONS = ["announced-days", "rated-after-days", "shift", "shift-from"] as const;

function startOf(values: ReturnType<typeof parseWords>): Position | undefined {
  const asOf = values["as-of"];
  const needing = DATED_OPTIONS.find((option) => values[option] !== undefined);
  if (asOf === undefined && needing) throw new MarqueeError("USAGE", `--${needing} needs --as-of.`);
  if (asOf === undefined) return undefined;
  return {
    asOf: day("--as-of", asOf),
    announcedDays: wholeNumber("--announced-days", values["announced-days"] ?? "0", 0, 36_500),
    ratedAfterDays: wholeNumber("--rated-after-days", values["rated-after-days"] ?? "0", 0, 36_500),
    shift: shiftOf(values.shift, values["shift-from"]),
  };
}

function shiftOf(points: string | undefined, from: string | undefined): RatingShift | undefined {
  if (points === undefined && from === undefined) return undefined;
  if (points === undefined || from === undefined) {
    throw new MarqueeError("USAGE", "--shift and --shift-from need each other.");
  }
  if (points.trim() === "" || !(Math.abs(Number(points)) <= 9)) {
    throw new MarqueeError("USAGE", `--shift accepts a number from -9 to 9, not ${JSON.stringify(points)}.`);
  }
  return { from: day("--shift-from", from), by: Number(points) };
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: withNegativeValues(words),
      options: {
        data: { type: "string" },
        port: { type: "string", default: "8090" },
        host: { type: "string", default: "127.0.0.1" },
        key: { type: "string", default: DEFAULT_KEY },
        "rate-limit": { type: "string" },
        control: { type: "boolean", default: false },
        "as-of": { type: "string" },
        "announced-days": { type: "string" },
        "rated-after-days": { type: "string" },
        shift: { type: "string" },
        "shift-from": { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new MarqueeError("USAGE", `${errorMessage(error).replace(/\.?$/, ".")} --help lists the options.`, {
      cause: error,
    });
  }
}

/** Node takes the value in `--shift -1` for an option; `--shift=-1` says what is meant. */
function withNegativeValues(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const value = words[index + 1] ?? "";
    if (word === "--shift" && /^-[\d.]/.test(value)) return [`--shift=${value}`];
    return words[index - 1] === "--shift" && /^-[\d.]/.test(word) ? [] : [word];
  });
}

function day(option: string, text: string): CalendarDate {
  const parsed = calendarDateSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new MarqueeError("USAGE", `${option} accepts a day as YYYY-MM-DD, not ${JSON.stringify(text)}.`);
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
