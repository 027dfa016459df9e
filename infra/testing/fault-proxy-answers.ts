import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Fault, FaultKind, PlannedAnswer } from "./fault-proxy-plan.ts";

/** One request at the proxy. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Asks the target. */
  ask(): Promise<IncomingMessage>;
  /** Hands its answer on, byte for byte. */
  passOn(answer: IncomingMessage): Promise<void>;
  retryAfterSeconds: number;
  stallMs: number;
  /** How often this kind was delivered before, so that a kind of two forms takes turns. */
  before: number;
}

/** false: the fault does not fit the target's answer, which was passed on */
export type Delivered = Promise<boolean>;

export function deliver(fault: Fault, exchange: Exchange): Delivered {
  return typeof fault === "string" ? FORMS[fault](exchange) : plannedAnswer(fault, exchange);
}

const HTML = "<!doctype html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>";
const GATEWAY_STATUSES = [500, 502, 503] as const;

const FORMS: Record<FaultKind, (exchange: Exchange) => Delivered> = {
  /** 429 with Retry-After and TMDB's words. */
  "rate-limited": ({ response, retryAfterSeconds }) => {
    const body = { success: false, status_code: 25, status_message: "Your request count is over the allowed limit." };
    return answer(response, 429, { type: "application/json", body: JSON.stringify(body) }, retryAfterSeconds);
  },
  /** 500, 502 and 503 in turn, with a page. */
  "server-error": ({ response, before }) => {
    const status = GATEWAY_STATUSES[before % GATEWAY_STATUSES.length] ?? 500;
    return answer(response, status, { type: "text/html", body: `<html><body>${status}</body></html>` });
  },
  /** 200 with a page, as from a login portal. */
  html: ({ response }) => answer(response, 200, { type: "text/html; charset=utf-8", body: HTML }),
  reset,
  stall,
  "truncated-gzip": truncatedGzip,
  "wrong-length": wrongLength,
  "not-json": notJson,
};

async function plannedAnswer({ status, body, headers = {} }: PlannedAnswer, { response }: Exchange): Delivered {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
  return true;
}

async function answer(
  response: ServerResponse,
  status: number,
  { type, body }: { type: string; body: string },
  retryAfterSeconds?: number,
): Delivered {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  });
  response.end(body);
  return true;
}

/** In turn: the connection is reset before a byte, and amid the body. */
async function reset(exchange: Exchange): Delivered {
  const { response, before } = exchange;
  if (before % 2 === 1) {
    const answer = await exchange.ask();
    const half = firstHalf(await buffer(answer));
    if (half.length > 0) await sent(response, answer, half);
  }
  response.socket?.resetAndDestroy();
  return true;
}

/** No byte for a while; then, in turn, it goes on, and the connection is closed. */
async function stall(exchange: Exchange): Delivered {
  const { response, stallMs, before } = exchange;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await wait(stallMs, undefined, { signal: gone.signal }).catch(() => undefined);
  if (before % 2 === 1) response.socket?.destroy();
  else if (!gone.signal.aborted) await exchange.passOn(await exchange.ask());
  return true;
}

/**
 * The first half of a gzipped body, told as whole by HTTP: no length is said and the end is a proper one, so only
 * unpacking shows what is missing. JSON is packed first, for a client that takes it so.
 */
async function truncatedGzip(exchange: Exchange): Delivered {
  return withBody(exchange, (body, { request, answer }) => {
    const headers = without(answer.rawHeaders, ["content-length", "transfer-encoding"]);
    if (isGzipped(body)) return { headers, body: firstHalf(body) };
    if (!isJson(answer) || !/\bgzip\b/.test(String(request.headers["accept-encoding"]))) return undefined;
    return { headers: [...headers, "Content-Encoding", "gzip"], body: firstHalf(gzipSync(body)) };
  });
}

/** In turn: a length larger than the body and a closed connection, and a length that is half of the body sent. */
async function wrongLength(exchange: Exchange): Delivered {
  const { response, before } = exchange;
  // A response lets go of its socket when it has finished.
  const { socket } = response;
  return withBody(exchange, (body, { answer }) => {
    const length = before % 2 === 0 ? body.length * 2 : Math.floor(body.length / 2);
    const headers = without(answer.rawHeaders, ["content-length", "transfer-encoding"]);
    response.once("finish", () => socket?.destroySoon());
    return { headers: [...headers, "Content-Length", String(length)], body };
  });
}

/** 200 with JSON's type and half of the JSON, of the length that is said. */
async function notJson(exchange: Exchange): Delivered {
  return withBody(exchange, (body, { answer }) => {
    if (!isJson(answer) || isGzipped(body)) return undefined;
    const headers = without(answer.rawHeaders, ["content-length", "transfer-encoding"]);
    const half = firstHalf(body);
    return { headers: [...headers, "Content-Length", String(half.length)], body: half };
  });
}

interface Changed {
  headers: string[];
  body: Buffer;
}

/** Changes the body of a 200; an answer without one, and one that `change` has nothing for, is passed on. */
async function withBody(
  exchange: Exchange,
  change: (body: Buffer, asked: { request: IncomingMessage; answer: IncomingMessage }) => Changed | undefined,
): Delivered {
  const { request, response } = exchange;
  const answer = await exchange.ask();
  if (answer.statusCode !== 200 || request.method === "HEAD") {
    await exchange.passOn(answer);
    return false;
  }
  const body = await buffer(answer);
  const changed = body.length > 1 ? change(body, { request, answer }) : undefined;
  writeHead(response, answer, changed?.headers ?? answer.rawHeaders);
  response.end(changed?.body ?? body);
  return changed !== undefined;
}

/** Status and headers as the target has them, its date too. */
export function writeHead(response: ServerResponse, answer: IncomingMessage, headers: string[]): void {
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
}

/** Ends when the bytes have left the process. */
async function sent(response: ServerResponse, answer: IncomingMessage, bytes: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  writeHead(response, answer, answer.rawHeaders);
  response.write(bytes, () => resolve());
  await promise;
}

function without(rawHeaders: readonly string[], names: readonly string[]): string[] {
  return rawHeaders.filter((_text, i) => !names.includes((rawHeaders[i - (i % 2)] ?? "").toLowerCase()));
}

function firstHalf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

function isGzipped(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

function isJson(answer: IncomingMessage): boolean {
  return (answer.headers["content-type"] ?? "").startsWith("application/json");
}
