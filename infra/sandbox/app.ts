import type { Clock } from "@marquee/shared/service/clock";
import { closeAnsweredConnections } from "@marquee/shared/service/http";
import type { Logger } from "@marquee/shared/service/logger";
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from "fastify";
import { addControlRoutes } from "./control-routes.ts";
import type { DatedFilms } from "./dated-films.ts";
import type { FilmSet } from "./film-set.ts";
import { addImdbRoutes } from "./imdb-routes.ts";
import { addTmdbRoutes } from "./tmdb-routes.ts";
import { tmdbRefusal } from "./tmdb-status.ts";

/** The key that is accepted unless another is chosen. */
export const DEFAULT_KEY = "sandbox";

export interface SandboxOptions {
  films: FilmSet;
  /** Accepted as `api_key` and as bearer token; `sandbox` unless given. */
  apiKey?: string;
  /** No limit unless given. */
  requestsPerSecond?: number;
  log: Logger;
  clock?: Clock;
  /** Where `films` is a view at a date: what moves it, under `/control`. */
  dated?: DatedFilms;
}

/** TMDB's v3 API under `/3`, IMDb's data sets under `/imdb`, and `/health`. Not yet listening; port and host are the caller's. */
export function createSandbox({
  films,
  apiKey = DEFAULT_KEY,
  requestsPerSecond,
  log,
  clock,
  dated,
}: SandboxOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: "idle",
    // A path that is no path, such as /3/%zz.
    frameworkErrors: (_error, _request, reply) => void notFound(reply as FastifyReply),
  });
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  app.setErrorHandler((error, request, reply) => {
    request.log.error({ err: error, path: request.url.split("?")[0] }, "sandbox: request failed");
    return reply.status(500).send(tmdbRefusal(11).body);
  });
  closeAnsweredConnections(app);
  app.get("/health", () => ({ status: "ok", set: films.name, films: films.size, rated: films.rated }));
  app.register(
    (tmdb, _options, done) => {
      addTmdbRoutes(tmdb, { films, apiKey, requestsPerSecond, ...(clock ? { clock } : {}) });
      done();
    },
    { prefix: "/3" },
  );
  app.register(
    (imdb, _options, done) => {
      addImdbRoutes(imdb, films);
      done();
    },
    { prefix: "/imdb" },
  );
  if (dated) {
    app.register(
      (control, _options, done) => {
        addControlRoutes(control, dated);
        done();
      },
      { prefix: "/control" },
    );
  }
  return app;
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.status(404).send(tmdbRefusal(34).body);
}
