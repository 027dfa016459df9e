import type { FastifyInstance } from "fastify";
import type { FilmSet } from "./film-set.ts";
import { isImdbFileName } from "./imdb-file.ts";
import { denyFile, sendDataFile } from "./send-data-file.ts";

/** IMDb's data-set host, to be mounted under `/imdb`: seven gzipped TSV files, sent again only when they have changed. */
export function addImdbRoutes(app: FastifyInstance, films: FilmSet): void {
  app.setNotFoundHandler((_request, reply) => denyFile(reply));
  app.route({
    method: ["GET", "HEAD"],
    url: "/:file",
    handler: async (request, reply) => {
      const { file } = request.params as { file: string };
      const name = file.replace(/\.tsv\.gz$/, "");
      if (name === file || !isImdbFileName(name)) return denyFile(reply);
      return sendDataFile(request, reply, await films.imdbFile(name).state());
    },
  });
}
