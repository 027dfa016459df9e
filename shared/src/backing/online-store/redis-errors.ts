import { errorMessage, isMarqueeError, MarqueeError, systemCode } from "../../service/errors.ts";

/** The client gives up; why stands in the connection's latest error. */
const GIVEN_UP = /^(Failed to refresh slots cache|None of startup nodes is available|Too many Cluster redirections)/;

/** Redis refuses who we say we are: wrong password, none given, or a user without the rights. */
const LOGIN_REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH ))/;

/** A connection encrypted by a certificate that nobody vouches for, or not encrypted where it should be. */
const TLS_REFUSED = /^(ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_)/;

/** The server answers that it cannot now: it starts, is a replica, is full, cannot save, or another node should be asked. */
const SERVER_UNFIT =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|UNBLOCKED|MOVED|ASK)/;

const SERVER_AWAY = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;
/** The client's own errors have no code. */
const CONNECTION_LOST =
  /Connection is (closed|aborted)|Command timed out|Socket timeout|Stream isn't writeable|connection close|Cluster is (ended|disconnect)/i;

/**
 * What a call to Redis threw, in the table's words where its meaning is known. Anything else (a wrong type, a script's
 * error) is a defect of ours and is returned as it came.
 * @param where the server without credentials, e.g. 127.0.0.1:6379
 * @param lastFault the connection's latest error: why a command was given up stands there, not in the command's error
 */
export function explainRedisError(error: unknown, where: string, lastFault: unknown): unknown {
  if (isMarqueeError(error)) return error;
  forgetCommand(error);
  const givenUp =
    error instanceof Error && (error.name === "MaxRetriesPerRequestError" || GIVEN_UP.test(error.message));
  const reason = givenUp && lastFault !== undefined ? lastFault : error;
  const [code, message] = [systemCode(reason), errorMessage(reason).replace(/\.$/, "")];
  if (LOGIN_REFUSED.test(message)) return refused(`The online store at ${where} refuses the login: ${message}.`, error);
  if (TLS_REFUSED.test(code)) {
    return refused(`The online store at ${where} offers no encryption that can be trusted: ${message}.`, error);
  }
  if (givenUp || SERVER_AWAY.test(code) || SERVER_UNFIT.test(message) || CONNECTION_LOST.test(message)) {
    return new MarqueeError(
      "ONLINE_STORE_UNAVAILABLE",
      `The online store at ${where} cannot be used now: ${message}.`,
      {
        cause: error,
      },
    );
  }
  return error;
}

/** The client hangs the refused command on its error, and that of the login is the password. */
export function forgetCommand(error: unknown): void {
  if (error instanceof Error && "command" in error) delete error.command;
}

function refused(message: string, cause: unknown): MarqueeError {
  return new MarqueeError("SETTINGS_INVALID", `${message} Check REDIS_URL.`, { cause });
}
