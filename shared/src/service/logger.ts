import { hostname } from "node:os";
import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { systemClock } from "./clock.ts";
import { uuidv7 } from "./ids.ts";

export type Logger = PinoLogger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names under which a secret may turn up in something that is logged, at the top or one or two levels down. */
const SECRET_KEYS = ["apiKey", "api_key", "authorization", "cookie", "password", "secret", "token", "accessToken"];

const redactedPaths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);

/** Hides credentials inside URLs and TMDB's `api_key` parameter, wherever they stand in a text. */
export function scrub(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^:/?#@\s]+):[^@/\s]+@/gi, "$1:***@")
    .replace(/(api_key=)[^&\s"']+/gi, "$1***")
    .replace(/(Bearer )[A-Za-z0-9._~+/-]+=*/g, "$1***");
}

/**
 * A JSON logger, one object a line, with an id, the service and its instance on each line (contract: `log-line.ts`) and
 * secrets replaced by "[redacted]".
 * @param destination standard output unless given (tests, a file)
 */
export function createLogger(service: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service, instance: `${service}-${hostname()}-${process.pid}` },
    mixin: () => ({ id: uuidv7(systemClock) }),
    // The line's own id wins over one that is logged by chance.
    mixinMergeStrategy: (logged: object, own: object) => ({ ...logged, ...own }),
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: "[redacted]" },
    serializers: { err: serializeError },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Whatever was thrown: a log line about a failure must not fail itself. */
function serializeError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: scrub(String(thrown)) };
  const plain = pino.stdSerializers.err(thrown);
  // Only what is known to be safe: an HTTP client's error carries its whole request, keys and all.
  return {
    type: plain.type,
    code: (plain as { code?: unknown }).code,
    message: scrub(plain.message),
    stack: scrub(plain.stack),
  };
}
