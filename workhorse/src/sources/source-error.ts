import { errorMessage, MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { isAxiosError } from "axios";
import type { RequestOutcome } from "./request-counts.ts";

/** The HTTP client's own and the system's. */
const TIMEOUT_CODES = new Set(["ECONNABORTED", "ETIMEDOUT"]);

/** What to tell of one source's refusals. */
export interface SourceWords {
  /** `TMDB`, `IMDb` */
  name: string;
  /** What to do when it refuses the key. */
  keyAdvice: string;
  /** The setting with its address; `<NAME>_BASE_URL` unless given. */
  addressSetting?: string;
}

/** Seconds in a Retry-After header, which holds either seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(header: unknown, now: Date): number | undefined {
  if (typeof header !== "string" || header === "") return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}

/** What `details.fault` of this room's errors holds. */
export type Fault = Exclude<RequestOutcome, "ok" | "unchanged">;

/** Turns an HTTP answer that is no success into the table's error; its `details.fault` says how the request ended. */
export function refusal(
  source: SourceWords,
  what: string,
  answer: { status: number; body: string; retryAfter?: unknown },
  now: Date,
): MarqueeError {
  const said = sourceMessage(answer.body);
  const detailsOf = (fault: Fault) => ({ status: answer.status, what, fault });
  const line = `${source.name} answered ${answer.status} to ${what}${said ? `: ${said}` : ""}`;
  if (answer.status === 401 || answer.status === 403) {
    return new MarqueeError("SOURCE_KEY_REFUSED", `${line} ${source.keyAdvice}`, { details: detailsOf("key_refused") });
  }
  if (answer.status === 404) return new MarqueeError("SOURCE_NOT_FOUND", line, { details: detailsOf("not_found") });
  if (answer.status === 429) {
    return new MarqueeError("SOURCE_RATE_LIMITED", line, {
      details: detailsOf("rate_limited"),
      retryAfterSeconds: retryAfterSeconds(answer.retryAfter, now) ?? 1,
    });
  }
  if (answer.status >= 500) return new MarqueeError("SOURCE_UNAVAILABLE", line, { details: detailsOf("server_error") });
  return new MarqueeError("SOURCE_REFUSED", line, { details: detailsOf("refused") });
}

/** Turns what the HTTP client throws (no answer at all) into the table's error, without the request and its key. */
export function noAnswer(source: SourceWords, what: string, error: unknown): unknown {
  if (!isAxiosError(error)) return error;
  const reason = systemCode(error) || errorMessage(error);
  const fault: Fault = TIMEOUT_CODES.has(systemCode(error)) ? "timeout" : "reset";
  const url = error.config?.baseURL ?? error.config?.url ?? "";
  const host = URL.canParse(url) ? ` at ${new URL(url).host}` : "";
  const setting = source.addressSetting ?? `${source.name.toUpperCase()}_BASE_URL`;
  return new MarqueeError(
    "SOURCE_UNAVAILABLE",
    `${source.name}${host} does not answer (${reason}; asked was ${what.slice(0, 80)}). Check the network and ${setting}.`,
    {
      details: { what, reason, fault },
    },
  );
}

/** TMDB puts its reason into `status_message`; anything else is told by its first words. */
function sourceMessage(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "status_message" in parsed)
      return String(parsed.status_message);
  } catch {
    // Not JSON: an error page of something in between.
  }
  return body.replace(/\s+/g, " ").trim().slice(0, 120);
}
