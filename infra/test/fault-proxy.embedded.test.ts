import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { listen } from "@marquee/shared/service/http";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "../sandbox/app.ts";
import { film, filmSetOf, silentLog } from "../sandbox/testing/few-films.ts";
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "../testing/fault-proxy.ts";
import { FAULT_KINDS, type FaultKind } from "../testing/fault-proxy-plan.ts";
import { recordedAnswers } from "../testing/fault-proxy-recorded.ts";

const MOVIE = "/3/movie/603?api_key=sandbox";
const RATINGS = "/imdb/title.ratings.tsv.gz";

let sandbox: FastifyInstance;
let target: string;
beforeAll(async () => {
  sandbox = createSandbox({ films: filmSetOf([film({ id: 603, title: "The Matrix" })]), log: silentLog });
  target = `http://127.0.0.1:${await listen(sandbox, "127.0.0.1", 0)}`;
});
afterAll(() => sandbox.close());

const open: FaultProxy[] = [];
afterEach(async () => {
  for (const proxy of open.splice(0)) await proxy.close();
});
async function start(options: Omit<FaultProxyOptions, "target">): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ target, ...options });
  open.push(proxy);
  return proxy;
}
const always = (kind: FaultKind) => start({ plan: () => kind, inARow: 9, stallMs: 20 });

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  rawHeaders: string[];
  body: Buffer;
}

/** Asks without unpacking or checking anything, as node:http does. */
async function ask(url: string, headers: Record<string, string> = {}, agent = new Agent()): Promise<Answer> {
  const request = get(url, { headers, agent });
  // Errors after the answer began, such as bytes that are too many.
  request.on("error", () => undefined);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  const { statusCode: status, rawHeaders } = answer;
  return { status, headers: answer.headers, rawHeaders, body: await buffer(answer) };
}

describe("without a fault", () => {
  const rows = [
    { says: "a film", path: MOVIE },
    { says: "a refusal", path: "/3/movie/1" },
    { says: "a file", path: RATINGS },
    { says: "a file that is not there", path: "/imdb/x" },
  ];
  test.each(rows)("$says is the same byte for byte, with its headers", async ({ path }) => {
    const { url, counts, requests } = await start({ plan: () => undefined });
    const [direct, through] = [await ask(target + path), await ask(url + path)];
    const withoutDate = ({ rawHeaders }: Answer) => rawHeaders.filter((text) => !/ GMT$/.test(text));
    expect(through.status).toBe(direct.status);
    expect(through.body.equals(direct.body)).toBe(true);
    expect(withoutDate(through)).toEqual(withoutDate(direct));
    expect(requests()).toBe(1);
    expect(new Set(Object.values(counts()))).toEqual(new Set([0]));
  });

  test("a conditional GET is answered with 304, HEAD with its headers", async () => {
    const { url } = await start({ plan: () => undefined });
    const head = await fetch(url + RATINGS, { method: "HEAD" });
    const etag = head.headers.get("etag") ?? "";
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(20);
    expect((await fetch(url + RATINGS, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test("connections are kept alive, and bodies of requests go through", async () => {
    const sockets = new Set<unknown>();
    const echo = createServer((request, response) => {
      sockets.add(request.socket);
      request.pipe(response);
    }).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const proxy = await startFaultProxy({
      target: `http://127.0.0.1:${(echo.address() as AddressInfo).port}`,
      plan: () => undefined,
    });
    const text = "x".repeat(300_000);
    for (let i = 0; i < 3; i++) {
      expect(await (await fetch(proxy.url, { method: "POST", body: text })).text()).toBe(text);
    }
    expect(sockets.size).toBe(1);
    await proxy.close();
    echo.close();
    echo.closeAllConnections();
  });
});

describe("a fault", () => {
  test("rate-limited answers 429 and when to come back", async () => {
    const { url } = await start({ plan: () => "rate-limited", retryAfterSeconds: 3 });
    const { status, headers, body } = await ask(url + MOVIE);
    expect({ status, after: headers["retry-after"] }).toEqual({ status: 429, after: "3" });
    expect(JSON.parse(String(body))).toMatchObject({ status_code: 25 });
  });

  test("server-error answers 500, 502 and 503 in turn", async () => {
    const { url } = await always("server-error");
    const statuses: unknown[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await ask(url + MOVIE)).status);
    expect(statuses).toEqual([500, 502, 503, 500]);
  });

  test("reset ends the connection before the answer, then amid it", async () => {
    const { url } = await always("reset");
    await expect(ask(url + RATINGS)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(ask(url + RATINGS)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("html answers 200 with a page", async () => {
    const { status, headers, body } = await ask((await always("html")).url + MOVIE);
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "text/html; charset=utf-8" });
    expect(String(body)).toMatch(/^<!doctype html>/);
  });

  test("not-json answers half of the JSON under JSON's type", async () => {
    const { headers, body } = await ask((await always("not-json")).url + MOVIE);
    expect(headers).toMatchObject({ "content-type": "application/json;charset=utf-8" });
    expect(Number(headers["content-length"])).toBe(body.length);
    expect(() => JSON.parse(String(body))).toThrow(SyntaxError);
  });

  test("truncated-gzip leaves a file's tag and date, and only unpacking shows the cut", async () => {
    const whole = await ask(target + RATINGS);
    const { headers, body } = await ask((await always("truncated-gzip")).url + RATINGS);
    expect(headers.etag).toBe(whole.headers.etag);
    expect(body.equals(whole.body.subarray(0, body.length))).toBe(true);
    expect(() => gunzipSync(body)).toThrow("unexpected end of file");
  });

  test("truncated-gzip packs JSON for a client that takes it so", async () => {
    const { url } = await always("truncated-gzip");
    const { headers, body } = await ask(url + MOVIE, { "accept-encoding": "gzip, br" });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(() => gunzipSync(body)).toThrow("unexpected end of file");
  });

  test("wrong-length says more than comes, then less", async () => {
    const { url } = await always("wrong-length");
    const whole = await ask(target + MOVIE);
    await expect(ask(url + MOVIE)).rejects.toMatchObject({ code: "ECONNRESET" });
    const short = await ask(url + MOVIE).catch((error: unknown) => error as { code: string });
    // Node's client takes the rest for another answer; which it notices first is a matter of packets.
    if ("body" in short) expect(short.body.length).toBe(Math.floor(whole.body.length / 2));
    else expect(short.code).toMatch(/^(HPE_|ECONNRESET)/);
  });

  test("stall goes on after its time, then cuts", async () => {
    const { url } = await always("stall");
    expect((await ask(url + MOVIE)).status).toBe(200);
    await expect(ask(url + MOVIE)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("stall holds nobody who leaves, nor the proxy", async () => {
    const { url, close, counts } = await start({ plan: () => "stall", stallMs: 3_600_000 });
    const leave = new AbortController();
    const left = fetch(url + MOVIE, { signal: leave.signal });
    const stays = fetch(url + RATINGS);
    while (counts().stall < 2) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    await expect(left).rejects.toThrow();
    await close();
    open.pop();
    await expect(stays).rejects.toThrow();
  });

  const misfits = [
    { kind: "truncated-gzip", path: MOVIE, why: "JSON for a client that takes it unpacked alone" },
    { kind: "not-json", path: RATINGS, why: "a file" },
    { kind: "wrong-length", path: "/3/movie/1", why: "a refusal" },
  ] as const;
  test.each(misfits)("$kind does not fit $why, which is passed on and not counted", async ({ kind, path }) => {
    const { url, counts } = await always(kind);
    expect((await ask(url + path)).body.equals((await ask(target + path)).body)).toBe(true);
    expect(counts()[kind]).toBe(0);
  });
});

test("a client that tries three times gets every film and file, and every kind was met", async () => {
  const chances = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, { chance: 0.07, atMost: 12 }]));
  const { url, counts, requests } = await start({ plan: chances, seed: 3, stallMs: 5 });
  const expected = { [MOVIE]: await ask(target + MOVIE), [RATINGS]: await ask(target + RATINGS) };
  for (let i = 0; i < 150; i++) {
    for (const [path, whole] of Object.entries(expected)) {
      const tries: (Answer | undefined)[] = [];
      for (let n = 0; n < 3; n++) {
        const address = `${url}${path}${path.includes("?") ? "&" : "?"}i=${i}`;
        tries.push(await ask(address, { "accept-encoding": "gzip" }).catch(() => undefined));
      }
      expect(tries.some((answer) => answer?.status === 200 && answer.body.equals(whole.body))).toBe(true);
    }
  }
  expect(requests()).toBe(900);
  for (const kind of FAULT_KINDS) {
    expect(counts()[kind], kind).toBeGreaterThan(0);
    expect(counts()[kind], kind).toBeLessThanOrEqual(12);
  }
});

const recorded = recordedAnswers();

test.skipIf(recorded.length === 0)("every error body that was recorded can be answered, byte for byte", async () => {
  const { url, counts } = await start({ plan: (_request, n) => recorded[n - 1], inARow: recorded.length });
  for (const { status, body } of recorded) {
    const answer = await ask(url + MOVIE);
    expect(answer.status).toBe(status);
    expect(answer.body.equals(Buffer.from(body))).toBe(true);
  }
  expect(counts().answer).toBe(17);
});

test("a target that is away shows as a reset connection", async () => {
  const proxy = await startFaultProxy({ target: "http://127.0.0.1:1", plan: () => undefined });
  await expect(ask(proxy.url)).rejects.toMatchObject({ code: "ECONNRESET" });
  await proxy.close();
});
