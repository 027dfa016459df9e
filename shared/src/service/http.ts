import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { problemOf } from "../contracts/problem.ts";
import { systemClock } from "./clock.ts";
import { MarqueeError, systemCode } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { traceIdOf } from "./trace-id.ts";

/** A thousand descriptions with long overviews fit; more is a mistake or an attack. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** Longer paths are cut when they are shown to their sender. */
const MAX_SHOWN_CHARACTERS = 80;
/** Said where an error that may pass by itself does not know when, in seconds. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;
/** Slow senders are cut off, so that they cannot hold connections. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Node looks for them so often, in milliseconds; by default it lets them have half a minute more. */
const TIMEOUT_CHECK_MS = 5_000;
/** Asked for every few seconds by machines, so no news: logged at debug only. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

declare module "fastify" {
  interface FastifyContextConfig {
    /** Asked thousands of times a second: its good answers are logged at debug only. */
    quiet?: boolean;
  }
}

export interface Check {
  name: string;
  /** `required`: without it the process cannot answer. `degraded`: it answers, with less. */
  severity: "required" | "degraded";
  /** Returns nothing when all is well, else why not, in words. */
  problem(): string | undefined | Promise<string | undefined>;
}

export interface HttpOptions {
  log: Logger;
  metrics: Metrics;
  checks: readonly Check[];
  /** Whether `/docs` describes its routes: answers to who asks wrongly then name it. */
  hasDocs?: boolean;
}

/**
 * A Fastify instance with what every process of Marquee has: trace ids, a log line for each answer, problem documents
 * for every error, `/health` (the process lives), `/ready` (what it depends on, with reasons), `/metrics`, and a latency
 * histogram. A request's id is its trace id: it stands in its log lines, in `x-trace-id`, and in problem documents.
 */
export function createHttpApp({ log, metrics, checks, hasDocs = false }: HttpOptions): FastifyInstance {
  const answerError = errorAnswer(hasDocs);
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "traceId" }),
    genReqId: ({ headers }) => traceIdOf(headers.traceparent, systemClock),
    // What the router refuses never reaches the error handler by itself.
    frameworkErrors: answerError,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Of two timeouts Node takes the shorter for the headers; theirs is 60 s by default, which would count for the body.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    forceCloseConnections: "idle",
    // What still comes over a connection that is open is answered as ever; the answer says that it was the last.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  });
  // Fastify takes plain text too; a route would then find a string where it expects what JSON says.
  app.removeContentTypeParser("text/plain");
  closeAnsweredConnections(app);
  app.setErrorHandler(answerError);
  answerUnknownRoutes(app, hasDocs);
  tellTraceIds(app);
  logAnswers(app);
  measureRequests(app, metrics);
  addProcessRoutes(app, metrics, checks);
  return app;
}

/**
 * Closing ends idle connections; one that is still being answered then would stay open until its client lets go of it
 * (72 s by default), so it is ended with its answer.
 */
export function closeAnsweredConnections(app: FastifyInstance): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    if (closing) request.raw.socket.end();
    done();
  });
}

/** @throws PORT_TAKEN naming the port and how to choose another */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = systemCode(error);
    if (code === "EADDRINUSE" || code === "EACCES") {
      const why = code === "EADDRINUSE" ? "is used by another program" : "may not be opened by this user";
      throw new MarqueeError(
        "PORT_TAKEN",
        `Port ${port} on ${host} ${why}. Choose another: PORT=${freeish(port)} or --port ${freeish(port)}.`,
        {
          cause: error,
        },
      );
    }
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
      throw new MarqueeError(
        "ADDRESS_UNUSABLE",
        `${host} is no address of this machine. Choose another: HOST=127.0.0.1 or --host 0.0.0.0.`,
        { cause: error },
      );
    }
    throw error;
  }
  const address = app.server.address();
  return typeof address === "object" && address ? address.port : port;
}

/** A port to suggest instead: the next one, above those that only root may open. */
function freeish(port: number): number {
  return Math.max(port + 1, 1024);
}

function answerUnknownRoutes(app: FastifyInstance, hasDocs: boolean): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0]?.slice(0, MAX_SHOWN_CHARACTERS);
    const error = new MarqueeError(
      "ROUTE_UNKNOWN",
      `There is no ${request.method} ${path}.${hasDocs ? " /docs lists what there is." : ""}`,
    );
    return reply.status(404).type("application/problem+json").send(problemOf(error, request.id));
  });
}

function errorAnswer(hasDocs: boolean) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toMarqueeError(thrown, request, hasDocs);
    if (error.statusCode >= 500) request.log.error({ err: thrown }, "request failed");
    const retryAfter = error.retryAfterSeconds ?? (error.retriable ? DEFAULT_RETRY_AFTER_SECONDS : undefined);
    // What the router refuses has not been through the hook that sets it.
    void reply.header("x-trace-id", request.id);
    if (retryAfter !== undefined) void reply.header("retry-after", String(retryAfter));
    void reply.status(error.statusCode).type("application/problem+json").send(problemOf(error, request.id));
  };
}

function toMarqueeError(error: FastifyError, { routeOptions }: FastifyRequest, hasDocs: boolean): MarqueeError {
  if (error instanceof MarqueeError) return error;
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new MarqueeError(
        "BODY_NOT_JSON",
        `The body is not valid JSON in UTF-8.${hasDocs ? " /docs has examples." : ""}`,
        { cause: error },
      );
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new MarqueeError(
        "BODY_NOT_JSON",
        `The body is empty. Accepted is JSON${hasDocs ? "; /docs has examples" : ""}.`,
        { cause: error },
      );
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new MarqueeError("BODY_TOO_LARGE", `The body is over ${routeOptions.bodyLimit} bytes.`, { cause: error });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new MarqueeError("MEDIA_TYPE_UNSUPPORTED", "Send the body as content-type: application/json.", {
        cause: error,
      });
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new MarqueeError("REQUEST_INVALID", error.message, { cause: error });
  }
  return new MarqueeError(
    "INTERNAL",
    "The request could not be answered. The log has the reason under this request id.",
    { cause: error },
  );
}

function tellTraceIds(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-trace-id", request.id);
    done();
  });
}

/** What was asked and how it went; never what was sent or answered, which may be about a person. */
function logAnswers(app: FastifyInstance): void {
  app.addHook("onResponse", (request, { statusCode: status, elapsedTime }, done) => {
    const route = routeOf(request);
    const quiet = QUIET_ROUTES.has(route) || (request.routeOptions.config.quiet === true && status < 400);
    const level = quiet ? "debug" : "info";
    const milliseconds = Math.round(elapsedTime * 10) / 10;
    request.log[level]({ method: request.method, route, status, milliseconds }, "answered");
    done();
  });
}

/** The route's pattern, not the path: a closed set that holds nothing of what was sent. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "unknown";
}

function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's arrival to the end of its answer",
    labels: ["method", "route", "status"],
  });
  app.addHook("onResponse", (request: FastifyRequest, reply, done) => {
    seconds.observe(
      { method: request.method, route: routeOf(request), status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    done();
  });
}

function addProcessRoutes(app: FastifyInstance, metrics: Metrics, checks: readonly Check[]): void {
  app.get("/health", () => ({ status: "ok" }));
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get("/ready", async (_request, reply) => {
    const results = await Promise.all(checks.map(runCheck));
    const failed = results.filter((result) => result.problem !== undefined);
    const status = failed.some((result) => result.severity === "required")
      ? "not ready"
      : failed.length > 0
        ? "degraded"
        : "ready";
    return reply.status(status === "not ready" ? 503 : 200).send({ status, checks: results });
  });
}

async function runCheck(
  check: Check,
): Promise<{ name: string; severity: Check["severity"]; ok: boolean; problem?: string }> {
  const problem = await Promise.resolve()
    .then(() => check.problem())
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  return {
    name: check.name,
    severity: check.severity,
    ok: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}
