import { dayOf } from "@marquee/shared/contracts/time";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { closeAnsweredConnections } from "@marquee/shared/service/http";
import type { Logger } from "@marquee/shared/service/logger";
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from "fastify";
import { addControlRoutes } from "./control-routes.ts";
import type { DatedFilms } from "./dated-films.ts";
import type { EditableFilms } from "./editable-films.ts";
import { addExportRoutes } from "./export-routes.ts";
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
  /** Where `films` is a view at a date: what moves it and edits films, under `/control`. */
  dated?: DatedFilms;
  /** Where `films` can be edited without standing at a date: the edits alone, under `/control`. */
  editable?: EditableFilms;
}

/** TMDB's v3 API under `/3`, its files of ids under `/p/exports`, IMDb's data sets under `/imdb`, and `/health`. Not yet listening; port and host are the caller's. */
export function createSandbox({
  films,
  apiKey = DEFAULT_KEY,
  requestsPerSecond,
  log,
  clock = systemClock,
  dated,
  editable = dated,
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
      addTmdbRoutes(tmdb, { films, apiKey, requestsPerSecond, clock });
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
  app.register(
    (exports, _options, done) => {
      addExportRoutes(exports, {
        films,
        todays: () => [dayOf(clock.now()), ...(dated ? [dated.state().asOf] : [])],
      });
      done();
    },
    { prefix: "/p/exports" },
  );
  if (editable) {
    app.register(
      (control, _options, done) => {
        addControlRoutes(control, { editable, dated });
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
