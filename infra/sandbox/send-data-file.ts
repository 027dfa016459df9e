import type { FastifyReply, FastifyRequest } from "fastify";
import type { DataFileState } from "./data-file.ts";

/** IMDb's and TMDB's files lie in buckets, which answer a name that they do not have like this. */
const ACCESS_DENIED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

/** The file with its tag, date and length, or 304 to who has it. */
export function sendDataFile(request: FastifyRequest, reply: FastifyReply, state: DataFileState): FastifyReply {
  void reply.header("etag", state.etag).header("last-modified", state.lastModified.toUTCString());
  if (isUnchanged(request.headers, state)) return reply.status(304).send();
  void reply.type("binary/octet-stream").header("content-length", state.bytes);
  return request.method === "HEAD" ? reply.send() : reply.send(state.open());
}

export interface ConditionalHeaders {
  "if-none-match"?: string | undefined;
  "if-modified-since"?: string | undefined;
}

/** Whether the caller has this state already. The date counts only where no tag is given (RFC 9110, 13.1.3). */
export function isUnchanged(headers: ConditionalHeaders, { etag, lastModified }: DataFileState): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) {
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  }
  const since = Date.parse(headers["if-modified-since"] ?? "");
  // HTTP's dates have whole seconds.
  return Math.floor(lastModified.getTime() / 1000) * 1000 <= since;
}

export function denyFile(reply: FastifyReply): FastifyReply {
  return reply.status(403).type("application/xml").send(ACCESS_DENIED);
}
