/**
 * Every error that Marquee raises on purpose: its code, the HTTP status that the edge answers with, whether trying
 * again can help, and a title in words. docs/errors.md is this table with advice; a test compares the two.
 */
export const ERRORS = {
  SETTINGS_INVALID: { statusCode: 500, retriable: false, title: "A setting is missing or wrong" },
  USAGE: { statusCode: 400, retriable: false, title: "The command was called wrongly" },
  REQUEST_INVALID: { statusCode: 400, retriable: false, title: "The request does not have the expected form" },
  BODY_NOT_JSON: { statusCode: 400, retriable: false, title: "The body is not JSON" },
  BODY_TOO_LARGE: { statusCode: 413, retriable: false, title: "The body is too large" },
  MEDIA_TYPE_UNSUPPORTED: { statusCode: 415, retriable: false, title: "The content type is not supported" },
  ROUTE_UNKNOWN: { statusCode: 404, retriable: false, title: "No such route" },
  FILM_UNKNOWN: { statusCode: 404, retriable: false, title: "The film is not in the catalog" },
  NO_CHAMPION: { statusCode: 503, retriable: true, title: "No model is in production yet" },
  NOT_READY: { statusCode: 503, retriable: true, title: "The service is not ready" },
  INTERNAL: { statusCode: 500, retriable: false, title: "Something went wrong on our side" },
  PORT_TAKEN: { statusCode: 500, retriable: false, title: "The port is in use" },
  ALREADY_RUNNING: { statusCode: 500, retriable: false, title: "Marquee is already running in this folder" },
  ADDRESS_UNUSABLE: { statusCode: 500, retriable: false, title: "The address cannot be listened on" },
  FOLDER_UNUSABLE: { statusCode: 500, retriable: false, title: "A file or folder cannot be used" },
  DISK_FULL: { statusCode: 507, retriable: false, title: "The disk is full" },
  DATABASE_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The database cannot be reached" },
  DATABASE_NO_BINARY: { statusCode: 500, retriable: false, title: "No embedded PostgreSQL for this platform" },
  DATABASE_START_FAILED: { statusCode: 500, retriable: false, title: "The embedded PostgreSQL did not start" },
  MIGRATION_REFUSED: { statusCode: 500, retriable: false, title: "The database's schema cannot be brought up to date" },
  DATABASE_NEWER: { statusCode: 500, retriable: false, title: "The database was written by a newer Marquee" },
  OBJECT_NOT_FOUND: { statusCode: 404, retriable: false, title: "The object is not in the object store" },
  OBJECT_STORE_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The object store cannot be reached" },
  OBJECT_CORRUPT: { statusCode: 500, retriable: false, title: "A stored object does not have its recorded hash" },
  BACKUP_UNKNOWN: { statusCode: 404, retriable: false, title: "There is no such backup" },
  BACKUP_DAMAGED: { statusCode: 500, retriable: false, title: "A backup does not have what its manifest says" },
  RESTORE_REFUSED: { statusCode: 409, retriable: false, title: "The database is not one to restore this backup into" },
  ONLINE_STORE_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The online store cannot be reached" },
  EVENT_BUS_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The event bus cannot be reached" },
  SPOOL_FULL: { statusCode: 503, retriable: true, title: "The spool of unsent messages is full" },
  LOG_STORE_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The log store cannot be reached" },
  TRACKING_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The tracking server cannot be reached" },
  TRACKING_REFUSED: { statusCode: 502, retriable: false, title: "The tracking server refused the request" },
  CREDENTIALS_REFUSED: { statusCode: 401, retriable: false, title: "Credentials are missing or wrong" },
  PIPELINE_UNKNOWN: { statusCode: 404, retriable: false, title: "No such pipeline" },
  PIPELINE_BUSY: { statusCode: 409, retriable: true, title: "The pipeline is running already" },
  RUN_UNKNOWN: { statusCode: 404, retriable: false, title: "No such run" },
  TASK_UNKNOWN: { statusCode: 500, retriable: false, title: "The worker has no such task" },
  TASK_TIMED_OUT: { statusCode: 500, retriable: true, title: "A task took longer than its time limit" },
  TASK_LOST: { statusCode: 500, retriable: true, title: "A task's process ended without a result" },
  ARTIFACT_INVALID: { statusCode: 500, retriable: false, title: "A model artifact is not usable" },
  SOURCE_KEY_REFUSED: { statusCode: 502, retriable: false, title: "The source refused the API key" },
  SOURCE_NOT_FOUND: { statusCode: 404, retriable: false, title: "The source does not know this item" },
  SOURCE_RATE_LIMITED: { statusCode: 503, retriable: true, title: "The source asks to slow down" },
  SOURCE_UNAVAILABLE: { statusCode: 503, retriable: true, title: "The source does not answer" },
  SOURCE_REFUSED: { statusCode: 502, retriable: false, title: "The source refused the request" },
  QUALITY_STOPPED: { statusCode: 409, retriable: false, title: "A load failed the quality gate" },
  SOURCE_BODY_INVALID: { statusCode: 502, retriable: true, title: "The source answered something unreadable" },
  SANDBOX_DATA_INVALID: { statusCode: 500, retriable: false, title: "The sandbox cannot read its data" },
  TRAINING_DATA_INSUFFICIENT: { statusCode: 422, retriable: false, title: "Too few rated films to train a model" },
  TRAINING_BACKEND_UNAVAILABLE: { statusCode: 500, retriable: false, title: "The training backend is not installed" },
  FEATURE_VIEW_CHANGED: { statusCode: 500, retriable: false, title: "A feature view changed without a new version" },
  FEATURE_UNKNOWN: { statusCode: 404, retriable: false, title: "No such feature view, column or feature service" },
  FEATURE_NOT_ALLOWED: { statusCode: 500, retriable: false, title: "A model may not use this feature" },
  FEATURE_LEAK: { statusCode: 500, retriable: false, title: "A feature knows what happened later" },
  FEATURE_ROW_INVALID: { statusCode: 500, retriable: false, title: "A stored feature row does not fit its view" },
  DATASET_UNKNOWN: { statusCode: 404, retriable: false, title: "There is no such feature dataset" },
  CHECKS_FAILED: { statusCode: 500, retriable: false, title: "A check found what is not as it should be" },
  GATE_REFUSED: { statusCode: 409, retriable: false, title: "The gate refused the model" },
  VERSION_UNKNOWN: { statusCode: 404, retriable: false, title: "No such model version" },
} as const satisfies Record<string, { statusCode: number; retriable: boolean; title: string }>;

/** Exit codes of commands: sysexits.h's EX_TEMPFAIL where the same call may succeed later, else 1. */
export const TRY_AGAIN = 75;
export const DO_NOT = 1;

export type ErrorCode = keyof typeof ERRORS;

export interface MarqueeErrorOptions {
  /** What lies underneath; logged, never shown to strangers. */
  cause?: unknown;
  /** Overrides the table where one occurrence differs, e.g. a rate limit that says when to come back. */
  retryAfterSeconds?: number;
  /** Machine-readable facts about this occurrence, such as the fields of a request that were refused. */
  details?: Record<string, unknown>;
}

/** The one error class. `message` is a whole sentence that names what was wrong and, where there is one, the fix. */
export class MarqueeError extends Error {
  override readonly name = "MarqueeError";
  readonly code: ErrorCode;
  readonly statusCode: number;
  readonly retriable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: MarqueeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.statusCode = ERRORS[code].statusCode;
    this.retriable = ERRORS[code].retriable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
  }
}

export function isMarqueeError(error: unknown, code?: ErrorCode): error is MarqueeError {
  return error instanceof MarqueeError && (code === undefined || error.code === code);
}

/** The system's error code (`ENOSPC`, `EADDRINUSE`, `57P01` …) or an empty string. */
export function systemCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** No right, read-only, or a file where a folder is meant. */
const FOLDER_CODES = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR"]);

/**
 * Turns what the operating system or the database throws into the table's error where its meaning is known, so that
 * a full disk or a lost database reads the same wherever it strikes. Anything else is returned as it came.
 */
export function explain(error: unknown): unknown {
  if (isMarqueeError(error)) return error;
  const code = systemCode(error);
  // 53100 is PostgreSQL's disk_full.
  if (code === "ENOSPC" || code === "EDQUOT" || code === "53100") {
    return new MarqueeError(
      "DISK_FULL",
      "The disk is full. Make room and start again: everything that was committed is kept, and work goes on where it was.",
      { cause: error },
    );
  }
  if (FOLDER_CODES.has(code)) {
    const what = `${errorMessage(error)}.`;
    return new MarqueeError(
      "FOLDER_UNUSABLE",
      `A file or folder cannot be used: ${what} Choose another folder with --home DIR, or change its rights.`,
      {
        cause: error,
      },
    );
  }
  // Class 57P: the server is shutting down or crashed; class 08: the connection is gone.
  if (/^(57P0\d|08\d{3})$/.test(code) || /Connection terminated|client was closed/i.test(errorMessage(error))) {
    return new MarqueeError(
      "DATABASE_UNAVAILABLE",
      "The database connection was lost. Nothing that was committed is gone: start again and work goes on where it was.",
      { cause: error },
    );
  }
  return error;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
