import { errorMessage, isMarqueeError, MarqueeError, systemCode } from "../../service/errors.ts";

/** A connection encrypted by a certificate that nobody vouches for, or not encrypted where it should be. */
const TLS_REFUSED = /^(ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_)/;

/** Kafka's own names of a login that it does not take: unknown user, wrong password, a mechanism or no login at all. */
const LOGIN_REFUSED = /SASL/;

/** What a call to Kafka threw, in the table's words. @param where the servers without credentials */
export function explainKafkaError(error: unknown, where: string): MarqueeError {
  if (isMarqueeError(error)) return error;
  const message = errorMessage(error).replace(/\.$/, "");
  if (causes(error).some((cause) => LOGIN_REFUSED.test(`${cause.name} ${typeOf(cause)}`))) {
    return refused(`The event bus at ${where} refuses the login: ${message}.`, error);
  }
  if (causes(error).some((cause) => TLS_REFUSED.test(systemCode(cause)))) {
    return refused(`The event bus at ${where} offers no encryption that can be trusted: ${message}.`, error);
  }
  return new MarqueeError("EVENT_BUS_UNAVAILABLE", `The event bus at ${where} cannot be used now: ${message}.`, {
    cause: error,
  });
}

function refused(message: string, cause: unknown): MarqueeError {
  return new MarqueeError("SETTINGS_INVALID", `${message} Check KAFKA_BROKERS, KAFKA_TLS and the login.`, { cause });
}

function typeOf(error: Error): string {
  return "type" in error ? String(error.type) : "";
}

/** An error and what lies underneath it. */
function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}
