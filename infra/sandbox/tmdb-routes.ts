import type { Clock } from "@marquee/shared/service/clock";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { changedFilms, changesRange } from "./changed-films.ts";
import { discoverFilms, type Query } from "./discover-films.ts";
import { type Film, PART_NAMES, type PartName } from "./film.ts";
import type { FilmSet } from "./film-set.ts";
import { detailsBody, listEntry, partBody } from "./movie-bodies.ts";
import { pageNumber, pageOf } from "./pages.ts";
import { countRequest, type RateWindow, retryAfter } from "./rate-limit.ts";
import { TMDB_CONFIGURATION } from "./tmdb-configuration.ts";
import { rateLimitRefusal, type TmdbRefusal, tmdbRefusal } from "./tmdb-status.ts";

const JSON_TYPE = "application/json;charset=utf-8";
const FILMS_A_PAGE = 20;
const CHANGES_A_PAGE = 100;
/** Parts that may be appended in one request. */
const MAX_APPENDED = 20;

const EXTERNAL_SOURCES = new Set([
  "imdb_id",
  "facebook_id",
  "instagram_id",
  "tvdb_id",
  "tiktok_id",
  "twitter_id",
  "wikidata_id",
  "youtube_id",
]);

export interface TmdbOptions {
  films: FilmSet;
  apiKey: string;
  /** undefined: no limit */
  requestsPerSecond: number | undefined;
  clock: Clock;
}

/** TMDB's v3 API, to be mounted under `/3`: the key is asked for first, then the rate is counted, then the route answers. */
export function addTmdbRoutes(app: FastifyInstance, { films, apiKey, requestsPerSecond, clock }: TmdbOptions): void {
  requireKey(app, apiKey);
  if (requestsPerSecond !== undefined) limitRate(app, requestsPerSecond, clock);
  app.setNotFoundHandler((_request, reply) => refuse(reply, tmdbRefusal(34)));
  app.get("/configuration", (_request, reply) => answer(reply, TMDB_CONFIGURATION));
  app.get("/genre/movie/list", (_request, reply) => answer(reply, { genres: films.genres }));
  app.get("/discover/movie", (request, reply) => {
    const query = queryOf(request);
    return answerPage(reply, query, () => discoverFilms(films, query), FILMS_A_PAGE, listEntry);
  });
  app.get("/movie/changes", (request, reply) => {
    const query = queryOf(request);
    const range = changesRange(query, clock.now());
    if (typeof range === "number") return refuse(reply, tmdbRefusal(range));
    return answerPage(
      reply,
      query,
      () => changedFilms(films, range),
      CHANGES_A_PAGE,
      (entry) => entry,
    );
  });
  app.get("/find/:externalId", (request, reply) => answerFind(reply, films, request));
  addMovieRoutes(app, films);
}

function addMovieRoutes(app: FastifyInstance, films: FilmSet): void {
  app.get("/movie/:id", (request, reply) => {
    const film = filmOf(films, request);
    if (!film) return refuse(reply, tmdbRefusal(34));
    const asked = queryOf(request).append_to_response?.split(",") ?? [];
    if (asked.length > MAX_APPENDED) return refuse(reply, tmdbRefusal(27));
    return answer(reply, detailsBody(film, [...new Set(asked.filter(isPartName))]));
  });
  for (const name of PART_NAMES) {
    app.get(`/movie/:id/${name}`, (request, reply) => {
      const film = filmOf(films, request);
      return film ? answer(reply, partBody(film, name)) : refuse(reply, tmdbRefusal(34));
    });
  }
}

function requireKey(app: FastifyInstance, apiKey: string): void {
  app.addHook("onRequest", (request, reply, done) => {
    const bearer = request.headers.authorization?.match(/^Bearer (.+)$/i)?.[1];
    if (queryOf(request).api_key === apiKey || bearer === apiKey) done();
    else void refuse(reply, tmdbRefusal(7));
  });
}

function limitRate(app: FastifyInstance, limit: number, clock: Clock): void {
  let window: RateWindow | undefined;
  app.addHook("onRequest", (_request, reply, done) => {
    const now = clock.now().getTime();
    window = countRequest(window, now);
    if (window.count <= limit) return done();
    void reply.header("retry-after", String(retryAfter(window, now)));
    void refuse(reply, rateLimitRefusal(window.count, limit));
  });
}

function answerPage<Item, Entry>(
  reply: FastifyReply,
  query: Query,
  list: () => readonly Item[],
  perPage: number,
  toEntry: (item: Item) => Entry,
): FastifyReply {
  const page = pageNumber(query.page);
  if (page === undefined) return refuse(reply, tmdbRefusal(22));
  return answer(reply, pageOf(list(), page, perPage, toEntry));
}

function answerFind(reply: FastifyReply, films: FilmSet, request: FastifyRequest): FastifyReply {
  const source = queryOf(request).external_source ?? "";
  if (!EXTERNAL_SOURCES.has(source)) return refuse(reply, tmdbRefusal(5));
  const { externalId } = request.params as { externalId: string };
  const found = source === "imdb_id" ? films.filmsOfImdb(externalId) : [];
  return answer(reply, {
    movie_results: found.map((film) => ({ ...listEntry(film), media_type: "movie" })),
    person_results: [],
    tv_results: [],
    tv_episode_results: [],
    tv_season_results: [],
  });
}

/** TMDB takes `603-the-matrix` for 603. */
function filmOf(films: FilmSet, request: FastifyRequest): Film | undefined {
  const { id } = request.params as { id: string };
  const number = id.match(/^(\d{1,10})(-.*)?$/)?.[1];
  return number === undefined ? undefined : films.film(Number(number));
}

function isPartName(text: string): text is PartName {
  return (PART_NAMES as readonly string[]).includes(text);
}

/** Of a parameter that is given twice the last counts. */
function queryOf(request: FastifyRequest): Query {
  const query = request.query as Record<string, string | string[]>;
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat().at(-1)]));
}

function answer(reply: FastifyReply, body: object): FastifyReply {
  return reply.type(JSON_TYPE).send(Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

function refuse(reply: FastifyReply, { http, body }: TmdbRefusal): FastifyReply {
  return answer(reply.status(http), body);
}
