import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { FilmSet } from "./film-set.ts";
import { type ImdbFileState, isImdbFileName } from "./imdb-file.ts";

/** IMDb's host is a bucket, which answers a name that it does not have like this. */
const ACCESS_DENIED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

/** IMDb's data-set host, to be mounted under `/imdb`: seven gzipped TSV files, sent again only when they have changed. */
export function addImdbRoutes(app: FastifyInstance, films: FilmSet): void {
  app.setNotFoundHandler((_request, reply) => deny(reply));
  app.route({
    method: ["GET", "HEAD"],
    url: "/:file",
    handler: async (request, reply) => {
      const { file } = request.params as { file: string };
      const name = file.replace(/\.tsv\.gz$/, "");
      if (name === file || !isImdbFileName(name)) return deny(reply);
      return send(request, reply, await films.imdbFile(name).state());
    },
  });
}

function send(request: FastifyRequest, reply: FastifyReply, state: ImdbFileState): FastifyReply {
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
export function isUnchanged(headers: ConditionalHeaders, { etag, lastModified }: ImdbFileState): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) {
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  }
  const since = Date.parse(headers["if-modified-since"] ?? "");
  // HTTP's dates have whole seconds.
  return Math.floor(lastModified.getTime() / 1000) * 1000 <= since;
}

function deny(reply: FastifyReply): FastifyReply {
  return reply.status(403).type("application/xml").send(ACCESS_DENIED);
}
