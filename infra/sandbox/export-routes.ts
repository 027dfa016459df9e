import type { CalendarDate } from "@marquee/shared/contracts/time";
import type { FastifyInstance } from "fastify";
import type { FilmSet } from "./film-set.ts";
import { dailyExport, isKept } from "./id-export.ts";
import { denyFile, sendDataFile } from "./send-data-file.ts";

export interface ExportOptions {
  films: FilmSet;
  /** The days that count as today: the real one, and where the sandbox stands at a date that one too. */
  todays: () => readonly CalendarDate[];
}

/** TMDB's file host, to be mounted under `/p/exports`: the ids of all films, which are those of now whatever day is asked for. */
export function addExportRoutes(app: FastifyInstance, { films, todays }: ExportOptions): void {
  app.setNotFoundHandler((_request, reply) => denyFile(reply));
  app.route({
    method: ["GET", "HEAD"],
    url: "/:file",
    handler: async (request, reply) => {
      const asked = dailyExport((request.params as { file: string }).file);
      if (!asked || !todays().some((today) => isKept(asked.day, today))) return denyFile(reply);
      const { revision } = films;
      const state = await films.idExport(asked.kind).state();
      // A second for each change, so that a conditional GET by date notices one within the day.
      const lastModified = new Date(Date.parse(asked.day) + revision * 1000);
      return sendDataFile(request, reply, { ...state, lastModified });
    },
  });
}
