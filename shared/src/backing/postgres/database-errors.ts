import { errorMessage, explain, isMarqueeError, MarqueeError, systemCode } from "../../service/errors.ts";

/** The system's codes of a server that is not there, and PostgreSQL's 53300, too many connections. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|53300)$/;

/** pg's own errors have no code. */
const CONNECTION_LOST =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable|pool after calling end/i;

/** 28xxx: user or password refused; 3D000: no such database. */
const LOGIN_REFUSED = /^(28\w{3}|3D000)$/;

/** Class 08: the connection is gone; 57P: the server stops, starts or crashed. */
const SERVER_GONE = /^(08\w{3}|57P0\d)$/;

/**
 * What a database call threw, in the table's words where its meaning is known: a server out of reach, credentials
 * refused, a full disk. Errors of SQL itself (a constraint, a syntax error) are returned as they came.
 * @param where the server without credentials, e.g. 127.0.0.1:5432/marquee
 */
export function explainDatabaseError(error: unknown, where: string): unknown {
  if (isMarqueeError(error)) return error;
  const code = systemCode(error);
  if (LOGIN_REFUSED.test(code)) {
    return new MarqueeError("SETTINGS_INVALID", `The database at ${where} refuses the login: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
  if (UNREACHABLE.test(code) || SERVER_GONE.test(code) || CONNECTION_LOST.test(errorMessage(error))) {
    return new MarqueeError(
      "DATABASE_UNAVAILABLE",
      `The database at ${where} cannot be reached: ${reason(error)}. Nothing that was committed is gone; work goes on where it was once it is back.`,
      { cause: error },
    );
  }
  return explain(error);
}

/** A host name with several addresses fails with one error for each, and an empty message of its own. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorMessage).join("; ");
  return errorMessage(error);
}

/** The server of a database URL without its credentials. */
export function serverOf(url: string): string {
  if (!URL.canParse(url)) return "DATABASE_URL";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
