import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createImdbClient } from "../src/sources/imdb-client.ts";
import { createTmdbClient } from "../src/sources/tmdb-client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let address: string;
/** What the source answers, call by call; the last one stays. */
let answers: Answer[];
let asked: IncomingMessage[];
const log = createLogger("test", "silent");
const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  };

beforeEach(async () => {
  asked = [];
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

const tmdb = (apiKey = "k".repeat(32)) =>
  createTmdbClient({ baseUrl: `${address}/3`, apiKey, requestsPerSecond: 0, clock: systemClock, log });
const film = 603 as TmdbId;

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
  });

  it("sends a v3 key in the query and a read access token in the header", async () => {
    answers = [json(200, {})];
    await tmdb().movie(film);
    await tmdb("eyJ".padEnd(200, "x")).movie(film);
    expect(asked[0]?.url).toContain(`api_key=${"k".repeat(32)}`);
    expect(asked[1]?.url).not.toContain("api_key");
    expect(asked[1]?.headers.authorization).toMatch(/^Bearer eyJx/);
  });

  it("tries again after a rate limit, a reset and an answer that is not JSON, and gives the body as it came", async () => {
    const body = '{ "id": 603, "title": "The Matrix" }';
    answers = [
      json(429, {}, { "retry-after": "0" }),
      (request) => request.socket.destroy(),
      json(200, "<html>busy</html>"),
      json(502, "bad gateway"),
      json(200, body),
    ];
    expect(await tmdb().movie(film)).toEqual({
      path: expect.stringContaining("/movie/603?append_to_response=credits"),
      body,
    });
    expect(asked).toHaveLength(5);
  });

  it("does not try again what TMDB does not know", async () => {
    answers = [json(404, { status_code: 34, status_message: "The resource you requested could not be found." })];
    await expect(tmdb().movie(film)).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND", retriable: false });
    expect(asked).toHaveLength(1);
  });
});

describe("the IMDb client", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "marquee-imdb-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const imdb = () => createImdbClient({ baseUrl: address, clock: systemClock, log });

  it("keeps the file as it came, with its ETag and day, and does not fetch it again unchanged", async () => {
    answers = [json(200, "gzipped", { etag: '"v1"', "last-modified": "Sun, 29 Oct 2017 00:00:00 GMT" }), json(304, "")];
    const path = join(folder, "f");
    expect(await imdb().download("title.ratings", undefined, path)).toEqual({
      etag: '"v1"',
      modified: new Date("2017-10-29T00:00:00Z"),
    });
    expect(readFileSync(path, "utf8")).toBe("gzipped");
    expect(await imdb().download("title.ratings", '"v1"', join(folder, "again"))).toBeUndefined();
    expect(asked[1]?.headers["if-none-match"]).toBe('"v1"');
    expect(existsSync(join(folder, "again"))).toBe(false);
  });

  it("takes no file that ends early, and tries again", async () => {
    const short: Answer = (request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => request.socket.destroy());
    };
    answers = [short, json(200, "whole")];
    const path = join(folder, "f");
    await imdb().download("title.ratings", undefined, path);
    expect(readFileSync(path, "utf8")).toBe("whole");
    expect(asked).toHaveLength(2);
  });
});
