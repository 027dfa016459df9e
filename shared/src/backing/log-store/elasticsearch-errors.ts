import { errors } from "@elastic/elasticsearch";
import { errorMessage, isMarqueeError, MarqueeError } from "../../service/errors.ts";

/** OpenSSL's and Node's words where certificate or protocol is not to be trusted; the client keeps no code of them. */
const TLS_REFUSED = /certificate|SSL routines|EPROTO/i;

/** What the bulk API says of a line whose content it does not take; any other refusal is the store's own state. */
const LINE_FAULTS = new Set([
  "document_parsing_exception",
  "mapper_parsing_exception",
  "strict_dynamic_mapping_exception",
  // Among them a term that is longer than Lucene takes.
  "illegal_argument_exception",
]);

/** One line's outcome in a bulk answer. */
export interface BulkItem {
  status: number;
  error?: { type: string; reason?: string | null; caused_by?: { reason?: string | null } };
}

/**
 * Why a line was refused for what it holds; undefined where it was stored, or was there already.
 * @throws LOG_STORE_UNAVAILABLE where the store cannot take lines now: overloaded, a full disk, no room for an index
 */
export function refusalOf({ status, error }: BulkItem, where: string): string | undefined {
  // 409: the id is taken, so an earlier delivery of the line was stored.
  if (status < 300 || status === 409) return undefined;
  const reason = [error?.reason, error?.caused_by?.reason].filter(Boolean).join(" ");
  if (status === 400 && LINE_FAULTS.has(error?.type ?? "")) return reason;
  throw unavailable(where, `it answers ${status} ${error?.type}: ${reason}`);
}

/**
 * What a call to Elasticsearch threw, in the table's words where its meaning is known. Anything else (a query that it
 * does not understand) is a defect of ours and is returned as it came.
 * @param where the server without credentials, e.g. 127.0.0.1:9200
 */
export function explainElasticsearchError(error: unknown, where: string): unknown {
  if (isMarqueeError(error)) return error;
  if (error instanceof errors.ResponseError) return explainAnswer(error, where);
  const message = errorMessage(error);
  if (error instanceof errors.ConnectionError && TLS_REFUSED.test(message)) {
    return refused(`The log store at ${where} offers no encryption that can be trusted: ${message}.`, error);
  }
  if (
    error instanceof errors.ConnectionError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoLivingConnectionsError ||
    // A proxy's page, or an answer that was cut off.
    error instanceof errors.DeserializationError ||
    error instanceof errors.ProductNotSupportedError
  ) {
    return unavailable(where, message, error);
  }
  return error;
}

function explainAnswer(error: errors.ResponseError, where: string): unknown {
  const status = error.statusCode ?? 0;
  if (status === 401 || status === 403) {
    return refused(`The log store at ${where} refuses the login or a right: ${error.message}.`, error);
  }
  if (status === 408 || status === 429 || status >= 500) return unavailable(where, error.message, error);
  return error;
}

function unavailable(where: string, what: string, cause?: unknown): MarqueeError {
  return new MarqueeError("LOG_STORE_UNAVAILABLE", `The log store at ${where} cannot be used now: ${what}.`, { cause });
}

function refused(message: string, cause: unknown): MarqueeError {
  const settings = "ELASTICSEARCH_URL, ELASTICSEARCH_API_KEY or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD";
  return new MarqueeError("SETTINGS_INVALID", `${message} Check ${settings}.`, { cause });
}
