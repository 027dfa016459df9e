import { errorMessage, isMarqueeError, MarqueeError, systemCode } from "../../service/errors.ts";

/** What S3 calls it when keys or rights are wrong, or the bucket is not there or elsewhere. */
const SETTINGS_WRONG =
  /^(AccessDenied|Forbidden|403|InvalidAccessKeyId|SignatureDoesNotMatch|AuthorizationHeaderMalformed|ExpiredToken|InvalidToken|CredentialsProviderError|NoSuchBucket|PermanentRedirect|InvalidBucketName)$/;

const SERVER_AWAY = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const TIMED_OUT = /^(TimeoutError|RequestTimeout|RequestTimeTooSkewed|SlowDown|ConditionalRequestConflict)$/;

/** The HTTP status that S3 answered with; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}

/**
 * What a call to S3 threw, in the table's words where its meaning is known: out of reach, refused, no such bucket.
 * Anything else is returned as it came.
 * @param where bucket and server, e.g. "films at http://127.0.0.1:9000"
 */
export function explainS3Error(error: unknown, where: string): unknown {
  if (isMarqueeError(error) || !(error instanceof Error)) return error;
  const status = statusOf(error) ?? 0;
  const reason = reasonOf(error);
  if (SETTINGS_WRONG.test(error.name) || status === 401 || status === 403 || /Region is missing/.test(error.message)) {
    return new MarqueeError(
      "SETTINGS_INVALID",
      `The object store refuses the bucket ${where}: ${reason}. Check the URL (OBJECT_STORE_URL or BACKUP_STORE_URL), S3_ENDPOINT, AWS_REGION and the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or a role).`,
      { cause: error },
    );
  }
  if (status >= 500 || status === 429 || TIMED_OUT.test(error.name) || SERVER_AWAY.test(systemCode(error))) {
    return new MarqueeError("OBJECT_STORE_UNAVAILABLE", `The bucket ${where} cannot be used now: ${reason}.`, {
      cause: error,
    });
  }
  return error;
}

/** A host with several addresses fails with one error for each; an answer to HEAD has no body and so no words. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(errorMessage).join("; ");
  return [error.name, error.message.replace(/\.$/, "")]
    .filter((text) => text !== "" && text !== "Error" && text !== "UnknownError")
    .join(", ");
}
