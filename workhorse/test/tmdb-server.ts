import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A film as the server has it. */
interface ServedFilm {
  title: string;
  date: string;
  votes: number;
}

export interface TmdbServer {
  address: string;
  films: Map<number, ServedFilm>;
  /** Days on which films changed. */
  changes: { id: number; day: string }[];
  /** The days that have a file of ids, which are those of now; the others are denied as a bucket denies them. */
  exports: { days: ReadonlySet<string>; adult: readonly number[] };
  /** Ids of the films whose details were asked for, and the other questions' paths. */
  asked: { films: number[]; others: string[] };
  /** Answers instead of the server where it returns true. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): void;
}

const FILMS_A_PAGE = 20;
const CHANGES_A_PAGE = 100;

/** As much of TMDB as the crawl asks for, on a free port. */
export async function startTmdbServer(): Promise<TmdbServer> {
  const http = createServer((request, response) => {
    if (!server.fault(request, response)) answer(server, request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, "127.0.0.1", resolve);
  await promise;
  const server: TmdbServer = {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    films: new Map(),
    changes: [],
    exports: { days: new Set(), adult: [] },
    asked: { films: [], others: [] },
    fault: () => false,
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
  return server;
}

function answer(server: TmdbServer, request: IncomingMessage, response: ServerResponse): ServerResponse {
  const { pathname, searchParams } = new URL(request.url ?? "", server.address);
  const id = /^\/3\/movie\/(\d+)$/.exec(pathname)?.[1];
  if (id !== undefined) {
    server.asked.films.push(Number(id));
    return answerFilm(server, Number(id), response);
  }
  server.asked.others.push(`${pathname}${pathname.endsWith("changes") ? `?${searchParams}` : ""}`);
  if (pathname.startsWith("/p/exports/")) return answerExport(server, pathname, request, response);
  const page = Number(searchParams.get("page") ?? 1);
  if (pathname === "/3/discover/movie") return json(response, 200, discover(server, searchParams, page));
  if (pathname === "/3/movie/changes") {
    const from = searchParams.get("start_date") ?? "";
    const to = searchParams.get("end_date") ?? "";
    const ids = server.changes.filter(({ day }) => day >= from && day <= to).map((change) => ({ id: change.id }));
    return json(response, 200, pageOf(ids, page, CHANGES_A_PAGE));
  }
  return json(response, 200, {});
}

function answerFilm({ films }: TmdbServer, id: number, response: ServerResponse): ServerResponse {
  const film = films.get(id);
  if (!film) {
    return json(response, 404, { success: false, status_code: 34, status_message: "The resource could not be found." });
  }
  return json(response, 200, { id, title: film.title, release_date: film.date, vote_count: film.votes });
}

function discover({ films }: TmdbServer, query: URLSearchParams, page: number): object {
  const [from, to] = [query.get("primary_release_date.gte") ?? "", query.get("primary_release_date.lte") ?? ""];
  const listed = [...films]
    .filter(([, { date, votes }]) => date >= from && date <= to && votes >= Number(query.get("vote_count.gte")))
    .sort(([a, { date }], [b, other]) => (date === other.date ? a - b : date < other.date ? -1 : 1))
    .map(([id, { title, date }]) => ({ id, title, release_date: date }));
  return pageOf(listed, page, FILMS_A_PAGE);
}

function answerExport(
  { films, exports }: TmdbServer,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): ServerResponse {
  const [, month, date, year] = /movie_ids_(\d\d)_(\d\d)_(\d{4})\.json\.gz$/.exec(pathname) ?? [];
  if (!exports.days.has(`${year}-${month}-${date}`)) {
    return response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
  }
  const lines = [...films.keys(), ...exports.adult].map(
    (id) =>
      `${JSON.stringify({ adult: exports.adult.includes(id), id, original_title: `${id}`, popularity: 1, video: false })}\n`,
  );
  const etag = `"${year}${month}${date}-${[...films.keys()].join(",").length}"`;
  if (request.headers["if-none-match"] === etag) {
    return response.writeHead(304).end();
  }
  const body = gzipSync(lines.join(""));
  response.writeHead(200, {
    etag,
    "content-length": body.length,
    "last-modified": new Date(`${year}-${month}-${date}T07:00:00Z`).toUTCString(),
  });
  return response.end(body);
}

function pageOf(entries: readonly object[], page: number, size: number): object {
  return {
    page,
    results: entries.slice((page - 1) * size, page * size),
    total_pages: Math.max(1, Math.ceil(entries.length / size)),
    total_results: entries.length,
  };
}

function json(response: ServerResponse, status: number, body: unknown): ServerResponse {
  return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
