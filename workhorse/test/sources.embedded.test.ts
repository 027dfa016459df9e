import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRequestCounts, type RequestCounts } from "../src/sources/request-counts.ts";
import { createTmdbClient } from "../src/sources/tmdb-client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

let server: Server;
let address: string;
/** What the source answers, call by call; the last one stays. */
let answers: Answer[];
let asked: IncomingMessage[];
let counts: RequestCounts;
const log = createLogger("test", "silent");
const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));

beforeEach(async () => {
  asked = [];
  counts = createRequestCounts();
  server = createServer((request, response) => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const tmdb = (options: { apiKey?: string; silenceMs?: number; concurrency?: number; signal?: AbortSignal } = {}) =>
  createTmdbClient({
    baseUrl: `${address}/3`,
    exportUrl: `${address}/p/exports`,
    apiKey: "k".repeat(32),
    requestsPerSecond: 0,
    concurrency: 4,
    silenceMs: 30_000,
    counts,
    clock: systemClock,
    log,
    ...options,
  });
const film = 603 as TmdbId;
const BODY = '{ "id": 603, "title": "The Matrix" }';
const NOT_FOUND = { success: false, status_code: 34, status_message: "The resource you requested could not be found." };

describe("the TMDB client", () => {
  it("says what to do when the key is refused, and does not say the key", async () => {
    answers = [
      json(401, {
        status_code: 7,
        status_message: "Invalid API key: You must be granted a valid key.",
        success: false,
      }),
    ];
    const error = await tmdb()
      .checkKey()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "SOURCE_KEY_REFUSED",
      message: expect.stringContaining("https://www.themoviedb.org/settings/api"),
    });
    expect(JSON.stringify([String(error), error])).not.toContain("kkkk");
    expect(asked).toHaveLength(1);
    expect(counts.totals("tmdb")).toEqual({ key_refused: 1 });
  });

  it("sends a v3 key in the query and a read access token in the header", async () => {
    answers = [json(200, BODY)];
    await tmdb().movie(film);
    await tmdb({ apiKey: "eyJ".padEnd(200, "x") }).movie(film);
    expect(asked[0]?.url).toContain(`api_key=${"k".repeat(32)}`);
    expect(asked[1]?.url).not.toContain("api_key");
    expect(asked[1]?.headers.authorization).toMatch(/^Bearer eyJx/);
  });

  it("asks for details and what belongs to them in one call, and gives the body as it came", async () => {
    answers = [json(200, BODY)];
    const path = "/movie/603?append_to_response=credits%2Cexternal_ids%2Ckeywords%2Crelease_dates";
    expect(await tmdb().movie(film)).toEqual({ path, body: BODY });
    answers = [(_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(BODY))];
    expect(await tmdb().movie(film)).toEqual({ path, body: BODY });
    expect(asked[1]?.headers["accept-encoding"]).toBe("gzip");
  });

  it("gives TMDB's word that it has deleted a film, without asking again", async () => {
    answers = [json(404, NOT_FOUND)];
    expect(await tmdb().movie(film)).toMatchObject({ status: 404, body: JSON.stringify(NOT_FOUND) });
    expect(asked).toHaveLength(1);
    expect(counts.totals("tmdb")).toEqual({ not_found: 1 });
  });

  it("keeps its connections", async () => {
    answers = [json(200, BODY)];
    const client = tmdb({ concurrency: 2 });
    await Promise.all(Array.from({ length: 20 }, () => client.movie(film)));
    expect(new Set(asked.map(({ socket }) => socket.remotePort)).size).toBe(2);
  });

  it("stops at once when it is told to, whatever it waits for", async () => {
    const abort = new AbortController();
    const reason = new DOMException("stopping", "AbortError");
    answers = [() => abort.abort(reason)];
    await expect(tmdb({ signal: abort.signal }).movie(film)).rejects.toBe(reason);
    expect(counts.totals("tmdb")).toEqual({});
  });
});

describe("an answer of TMDB that is none", () => {
  const cutGzip = gzipSync(JSON.stringify({ id: 603, overview: "x".repeat(500) })).subarray(0, 30);
  const amid =
    (headers: Record<string, string>): Answer =>
    (request, response) =>
      response.writeHead(200, headers).write('{ "id": 60', () => request.socket.destroy());
  it.each<[string, string, Answer]>([
    ["a connection that is reset", "reset", (request) => request.socket.destroy()],
    ["one that is closed amid the body", "reset", amid({})],
    ["fewer bytes than were promised", "wrong_length", amid({ "content-length": "36" })],
    ["more bytes than were promised", "not_json", (request) => request.socket.end(rawAnswer("10", BODY))],
    ["a rate limit", "rate_limited", json(429, { status_code: 25 }, { "retry-after": "0" })],
    ["an error of the server", "server_error", json(500, { status_code: 11 })],
    ["a bad gateway", "server_error", json(502, "<html>bad gateway</html>")],
    ["a page of something in between", "not_json", json(200, "<html>busy</html>")],
    ["JSON that is cut off", "not_json", json(200, BODY.slice(0, 20))],
    ["no byte at all", "not_json", json(200, "")],
    ["a gzip stream that is cut off", "truncated", (_, response) => response.writeHead(200, ZIPPED).end(cutGzip)],
    ["what is called gzip and is none", "truncated", (_, response) => response.writeHead(200, ZIPPED).end(BODY)],
    ["another film", "wrong_form", json(200, { id: 604 })],
    ["an error as if it were a film", "wrong_form", json(200, NOT_FOUND)],
    ["no such page of something in between", "wrong_form", json(404, { message: "no Route matched" })],
    ["no such page that is no JSON", "not_json", json(404, "<html>not found</html>")],
    ["silence", "timeout", () => undefined],
    ["silence amid the body", "timeout", (_, response) => response.writeHead(200).write('{ "id": 60')],
    ["silence amid what was promised", "timeout", (_, response) => response.writeHead(200, LONG).write('{ "id": 60')],
  ])("%s is counted as %s and asked for again", async (_what, outcome, answer) => {
    answers = [answer, json(200, BODY)];
    expect(await tmdb({ silenceMs: 250 }).movie(film)).toMatchObject({ body: BODY });
    expect(counts.totals("tmdb")).toEqual({ [outcome]: 1, ok: 1 });
    expect(asked).toHaveLength(2);
  });

  it("is told with what was asked for when it stays so, and does not end in the archive's hands", async () => {
    answers = [json(200, "<html>busy</html>")];
    await expect(tmdb().movie(film)).rejects.toMatchObject({
      code: "SOURCE_BODY_INVALID",
      message: expect.stringMatching(/^TMDB's answer to \/movie\/603\?.* is not JSON\.$/),
      details: { fault: "not_json" },
    });
    expect(counts.totals("tmdb")).toEqual({ not_json: 6 });
  });

  it("is not asked for again where TMDB refuses the question", async () => {
    answers = [json(400, { status_code: 20, status_message: "Invalid date range." })];
    await expect(tmdb().movie(film)).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    expect(counts.totals("tmdb")).toEqual({ refused: 1 });
  });

  it("that asks to slow down uses up no attempts, and everybody waits", async () => {
    answers = [...Array.from({ length: 12 }, () => json(429, {}, { "retry-after": "0" })), json(200, BODY)];
    const client = tmdb();
    await Promise.all([client.movie(film), client.movie(film)]);
    expect(counts.totals("tmdb")).toEqual({ rate_limited: 12, ok: 2 });
  });
});

const LONG = { "content-length": "36" };
const ZIPPED = { "content-encoding": "gzip" };

function rawAnswer(contentLength: string, body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${contentLength}\r\nconnection: close\r\n\r\n${body}`;
}

describe("the counts of requests", () => {
  it("add up in the database over collections, each counted once", async () => {
    const database = await createTestDatabase();
    try {
      answers = [json(500, ""), json(200, BODY)];
      await tmdb().movie(film);
      await counts.save(database);
      await counts.save(database);
      await tmdb().movie(film);
      await counts.save(database);
      expect(
        await database.query("select source, outcome, requests::int from source_requests order by outcome"),
      ).toEqual([
        { source: "tmdb", outcome: "ok", requests: 2 },
        { source: "tmdb", outcome: "server_error", requests: 1 },
      ]);
    } finally {
      await database.close();
    }
  });
});
