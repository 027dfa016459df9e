import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createArchive } from "../src/archive/archive.ts";
import { createImdbClient, IMDB_FILES } from "../src/sources/imdb-client.ts";
import { fetchImdb } from "../src/sources/imdb-fetch.ts";
import { createRequestCounts, type RequestCounts } from "../src/sources/request-counts.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const log = createLogger("test", "silent");
const LINES = Array.from({ length: 40_000 }, (_, i) => `tt${String(i).padStart(7, "0")}\t5.${i % 10}\t${i}`);
const FILE = gzipSync(`tconst\taverageRating\tnumVotes\n${LINES.join("\n")}\n`);
const STATE = { etag: '"v1"', "last-modified": "Sun, 29 Oct 2017 00:00:00 GMT", "accept-ranges": "bytes" };

let server: Server;
let address: string;
/** What the host answers, call by call; the last one stays. */
let answers: Answer[];
let asked: IncomingMessage[];
let counts: RequestCounts;
let folder: string;

beforeEach(async () => {
  asked = [];
  counts = createRequestCounts();
  folder = mkdtempSync(join(tmpdir(), "marquee-imdb-test-"));
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
  rmSync(folder, { recursive: true, force: true });
});

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(code, headers).end();
  };
/** The file as a host gives it that knows ETags and ranges. */
const whole: Answer = (request, response) => {
  const from =
    request.headers["if-range"] === STATE.etag ? /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] : undefined;
  const body = FILE.subarray(Number(from ?? 0));
  const range = from === undefined ? {} : { "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` };
  response.writeHead(from === undefined ? 200 : 206, { ...STATE, ...range, "content-length": body.length }).end(body);
};
/** The first half and no more: the connection stays open until a test ends it. */
const half =
  (headers: Record<string, string> = STATE): Answer =>
  (_request, response) => {
    response.writeHead(200, { ...headers, "content-length": FILE.length }).write(FILE.subarray(0, FILE.length / 2));
  };
/** Ends the first connection once some of the file has been kept. */
const breakOff = () => asked[0]?.socket.destroy();
const text =
  (body: string | Buffer, headers: Record<string, string> = STATE): Answer =>
  (_request, response) => {
    response.writeHead(200, headers).end(body);
  };

describe("the IMDb client", () => {
  const imdb = (options: { silenceMs?: number } = {}) =>
    createImdbClient({ baseUrl: address, clock: systemClock, log, counts, ...options });
  const path = () => join(folder, "f");
  const downloaded = () => readFileSync(path()).equals(FILE);

  it("keeps the file as it came, with its ETag, day and number of rows, and does not fetch it again unchanged", async () => {
    answers = [whole, status(304)];
    expect(await imdb().download("title.ratings", undefined, path())).toEqual({
      etag: '"v1"',
      modified: new Date("2017-10-29T00:00:00Z"),
      rows: 40_000,
    });
    expect(downloaded()).toBe(true);
    expect(await imdb().download("title.ratings", '"v1"', join(folder, "again"))).toBeUndefined();
    expect(asked[1]?.headers["if-none-match"]).toBe('"v1"');
    expect(existsSync(join(folder, "again"))).toBe(false);
    expect(counts.totals("imdb")).toEqual({ ok: 1, unchanged: 1 });
  });

  it("goes on with a download that broke off, where the host still has the same state", async () => {
    answers = [half(), whole];
    const told: [number, number | undefined][] = [];
    await imdb().download("title.ratings", undefined, path(), (done, total) => {
      told.push([done, total]);
      breakOff();
    });
    expect(downloaded()).toBe(true);
    expect(asked[1]?.headers).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-$/), "if-range": '"v1"' });
    expect(counts.totals("imdb")).toEqual({ wrong_length: 1, ok: 1 });
    // No byte is asked for, or told of, twice.
    expect(told.at(-1)).toEqual([FILE.length, FILE.length]);
    expect(told.every(([done], i) => i === 0 || done > (told[i - 1]?.[0] ?? 0))).toBe(true);
  });

  it.each([
    ["has another state by then", { etag: '"v0"' }],
    ["does not say which state it gives", {}],
  ])("begins anew where the host %s", async (_why, headers) => {
    answers = [half(headers), whole];
    await imdb().download("title.ratings", undefined, path(), breakOff);
    expect(downloaded()).toBe(true);
    expect(counts.totals("imdb")).toEqual({ wrong_length: 1, ok: 1 });
  });

  it.each([
    ["of another state", { etag: '"v2"' }, 0],
    ["that begins elsewhere", {}, 1],
  ])("begins anew where the host goes on with a part %s", async (_what, headers, beyond) => {
    const part: Answer = (request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0]) + beyond;
      const range = { "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` };
      response.writeHead(206, { ...STATE, ...range, ...headers }).end(FILE.subarray(from));
    };
    answers = [half(), part, whole];
    await imdb().download("title.ratings", undefined, path(), breakOff);
    expect(downloaded()).toBe(true);
    expect(asked[2]?.headers.range).toBeUndefined();
    expect(counts.totals("imdb")).toEqual({ wrong_length: 1, wrong_form: 1, ok: 1 });
  });

  it("takes nothing but a whole gzip file, and counts each way in which it is none", async () => {
    answers = [
      text(FILE.subarray(0, FILE.length - 8)),
      text("<html>busy</html>"),
      whole,
      status(503),
      status(429, { "retry-after": "0" }),
      (request) => request.socket.resetAndDestroy(),
      whole,
    ];
    for (const _ of [1, 2]) {
      expect(await imdb().download("title.ratings", undefined, path())).toMatchObject({ rows: 40_000 });
      expect(downloaded()).toBe(true);
    }
    expect(counts.totals("imdb")).toEqual({ truncated: 2, server_error: 1, rate_limited: 1, reset: 1, ok: 2 });
  });

  it("does not wait for ever for a host that falls silent", async () => {
    const silent: Answer = (_request, response) => {
      response.writeHead(200, { ...STATE, "content-length": FILE.length }).write(FILE.subarray(0, 1_000));
    };
    answers = [silent, whole];
    await imdb({ silenceMs: 1_000 }).download("title.ratings", undefined, path());
    expect(downloaded()).toBe(true);
    expect(counts.totals("imdb")).toEqual({ timeout: 1, ok: 1 });
  });

  it("does not ask again for a file that the host does not have", async () => {
    answers = [status(404)];
    await expect(imdb().download("title.akas", undefined, path())).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
    expect(asked).toHaveLength(1);
    expect(counts.totals("imdb")).toEqual({ not_found: 1 });
  });
});

describe("fetching IMDb's files", () => {
  let database: TestDatabase;
  let context: TaskContext;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.execute("delete from source_cursors");
    context = {
      database,
      objectStore: createFileObjectStore(join(folder, "objects")),
      clock: systemClock,
      log,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
  });
  const archive = () => createArchive(context.objectStore, systemClock);
  const fetchAll = () =>
    fetchImdb(context, {
      imdb: createImdbClient({ baseUrl: address, clock: systemClock, log, counts }),
      archive: archive(),
    });
  const names = async () => (await Array.fromAsync(archive().manifests("imdb"))).map(({ manifest }) => manifest.name);
  const tagged: Answer = (request, response) => {
    const etag = `"${request.url}"`;
    if (request.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { ...STATE, etag }).end(gzipSync(`${request.url}\n1\n2\n`));
  };

  it("brings all seven into the archive with their ETag and rows, and nothing when they have not changed", async () => {
    answers = [tagged];
    expect(await fetchAll()).toMatchObject({ rowsIn: 7, rowsOut: 7, detail: { files: 7, missing: [] } });
    const manifests = await Array.fromAsync(archive().manifests("imdb"));
    expect(manifests.map(({ manifest }) => manifest.name).toSorted()).toEqual([...IMDB_FILES].toSorted());
    for (const { manifest } of manifests) {
      expect(manifest).toMatchObject({ rows: 2, cursor: `"/${manifest.name}.tsv.gz"` });
      const content = gunzipSync(await context.objectStore.get(manifest.objectKey)).toString();
      expect(content).toBe(`/${manifest.name}.tsv.gz\n1\n2\n`);
    }
    expect(await fetchAll()).toMatchObject({ rowsOut: 0, detail: { files: 0 } });
    expect(counts.totals("imdb")).toEqual({ ok: 7, unchanged: 7 });
  });

  it("names a file that the host does not have, and fetches the others", async () => {
    answers = [(request, response) => (request.url === "/title.akas.tsv.gz" ? status(403) : tagged)(request, response)];
    expect(await fetchAll()).toMatchObject({ rowsOut: 6, detail: { missing: ["title.akas"] } });
  });

  it("fails where the host has none of them", async () => {
    answers = [status(403)];
    await expect(fetchAll()).rejects.toMatchObject({ code: "SOURCE_KEY_REFUSED" });
  });

  it("repeats one file at most after it was ended in the middle, and leaves no temporary file", async () => {
    const stop = new AbortController();
    vi.stubEnv("TMPDIR", folder);
    const stopping: Answer = (request, response) => {
      if (request.url?.startsWith("/title.crew")) stop.abort();
      tagged(request, response);
    };
    answers = [stopping];
    const client = createImdbClient({ baseUrl: address, clock: systemClock, log, counts, signal: stop.signal });
    await expect(fetchImdb({ ...context, signal: stop.signal }, { imdb: client, archive: archive() })).rejects.toThrow(
      /abort/i,
    );
    expect((await names()).toSorted()).toEqual(["title.basics", "title.ratings"]);
    expect(readdirSync(folder)).toEqual(["objects"]);
    vi.unstubAllEnvs();
    expect(await fetchAll()).toMatchObject({ rowsOut: 5 });
  });

  it("fetches what it can when one file cannot be had, and fails after that", async () => {
    answers = [
      (request, response) => (request.url === "/title.basics.tsv.gz" ? status(400) : tagged)(request, response),
    ];
    await expect(fetchAll()).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    expect(await names()).toHaveLength(6);
  });
});
