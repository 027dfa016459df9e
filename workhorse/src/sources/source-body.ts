import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { errorMessage, MarqueeError, systemCode } from "@marquee/shared/service/errors";
import type { Fault } from "./source-error.ts";

const unzip: (zipped: Buffer) => Promise<Buffer> = promisify(gunzip);

export interface BodyOptions {
  /** `TMDB`, `IMDb` */
  sourceName: string;
  /** What was asked for. */
  what: string;
  /** The Content-Length header; NaN where there is none. */
  promisedBytes: number;
  /** So long without a byte is taken for the end of the connection, in milliseconds. */
  silenceMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * An answer's bytes as they come, proven to be as many as were promised when it ends.
 * @throws SOURCE_UNAVAILABLE with `details.fault`; the signal's reason
 */
export async function* bodyChunks(body: Readable, options: BodyOptions): AsyncGenerator<Buffer> {
  const { promisedBytes, silenceMs, signal } = options;
  let received = 0;
  let silent = false;
  let timer: NodeJS.Timeout | undefined;
  // Only while the source is waited for: a slow reader is no silence of the source.
  const listen = (): void => {
    timer = setTimeout(() => {
      silent = true;
      body.destroy(new Error("silence"));
    }, silenceMs);
  };
  try {
    listen();
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      received += chunk.length;
      yield chunk;
      listen();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (silent) throw broken("timeout", `sent nothing for ${silenceMs} ms`, error, options);
    const short = received > 0 && received < promisedBytes;
    throw broken(short ? "wrong_length" : "reset", brokeOff(error, received, promisedBytes), error, options);
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
  if (Number.isFinite(promisedBytes) && received !== promisedBytes) {
    throw broken("wrong_length", `ended after ${received} of ${promisedBytes} bytes`, undefined, options);
  }
}

/**
 * An answer's JSON text, unpacked where it came gzipped.
 * @throws SOURCE_UNAVAILABLE, SOURCE_BODY_INVALID with `details.fault`; the signal's reason
 */
export async function bodyText(body: Readable, encoding: unknown, options: BodyOptions): Promise<string> {
  const chunks = await Array.fromAsync(bodyChunks(body, options));
  const bytes = Buffer.concat(chunks);
  if (encoding !== "gzip") return bytes.toString("utf8");
  try {
    return (await unzip(bytes)).toString("utf8");
  } catch (error) {
    throw invalidBody("truncated", "is no whole gzip stream", error, options);
  }
}

/** @throws SOURCE_BODY_INVALID for a page or cut text */
export function parseBody(text: string, options: Pick<BodyOptions, "sourceName" | "what">): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidBody("not_json", "is not JSON", error, options);
  }
}

export function invalidBody(
  fault: Fault,
  how: string,
  cause: unknown,
  { sourceName, what }: Pick<BodyOptions, "sourceName" | "what">,
): MarqueeError {
  return new MarqueeError("SOURCE_BODY_INVALID", `${sourceName}'s answer to ${what} ${how}.`, {
    cause,
    details: { what, fault },
  });
}

function broken(fault: Fault, how: string, cause: unknown, { sourceName, what }: BodyOptions): MarqueeError {
  return new MarqueeError("SOURCE_UNAVAILABLE", `${sourceName}'s answer to ${what} ${how}.`, {
    cause,
    details: { what, fault },
  });
}

function brokeOff(error: unknown, received: number, promisedBytes: number): string {
  const of = Number.isFinite(promisedBytes) ? ` of ${promisedBytes}` : "";
  return `broke off after ${received}${of} bytes (${systemCode(error) || errorMessage(error)})`;
}
