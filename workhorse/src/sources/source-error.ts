import { errorMessage, MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { isAxiosError } from "axios";

/** What to tell of one source's refusals. */
export interface SourceWords {
  /** `TMDB`, `IMDb` */
  name: string;
  /** What to do when it refuses the key. */
  keyAdvice: string;
}

/** Seconds in a Retry-After header, which holds either seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterSeconds(header: unknown, now: Date): number | undefined {
  if (typeof header !== "string" || header === "") return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}

/** Turns an HTTP answer that is no success into the table's error. */
export function refusal(
  source: SourceWords,
  what: string,
  answer: { status: number; body: string; retryAfter?: unknown },
  now: Date,
): MarqueeError {
  const said = sourceMessage(answer.body);
  const details = { status: answer.status, what };
  const line = `${source.name} answered ${answer.status} to ${what}${said ? `: ${said}` : ""}`;
  if (answer.status === 401 || answer.status === 403) {
    return new MarqueeError("SOURCE_KEY_REFUSED", `${line} ${source.keyAdvice}`, { details });
  }
  if (answer.status === 404) return new MarqueeError("SOURCE_NOT_FOUND", line, { details });
  if (answer.status === 429) {
    return new MarqueeError("SOURCE_RATE_LIMITED", line, {
      details,
      retryAfterSeconds: retryAfterSeconds(answer.retryAfter, now) ?? 1,
    });
  }
  if (answer.status >= 500) return new MarqueeError("SOURCE_UNAVAILABLE", line, { details });
  return new MarqueeError("SOURCE_REFUSED", line, { details });
}

/** Turns what the HTTP client throws (no answer at all) into the table's error, without the request and its key. */
export function noAnswer(source: SourceWords, what: string, error: unknown): unknown {
  if (!isAxiosError(error)) return error;
  const reason = systemCode(error) || errorMessage(error);
  const url = error.config?.baseURL ?? error.config?.url ?? "";
  const host = URL.canParse(url) ? ` at ${new URL(url).host}` : "";
  return new MarqueeError(
    "SOURCE_UNAVAILABLE",
    `${source.name}${host} does not answer (${reason}; asked was ${what.slice(0, 80)}). Check the network and ${source.name.toUpperCase()}_BASE_URL.`,
    {
      details: { what, reason },
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
