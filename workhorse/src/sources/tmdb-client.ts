import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { z } from "zod";
import type { ArchivedBody } from "../archive/archive.ts";
import { createExportDownload, type DownloadExport, type TmdbExportOptions } from "./tmdb-export.ts";
import { createTmdbGetter, found, type TmdbGetterOptions } from "./tmdb-getter.ts";
import {
  type ChangesPage,
  changesPageSchema,
  type DiscoverPage,
  type DiscoverWindow,
  discoverPageSchema,
} from "./tmdb-lists.ts";

/** The parts of a film that come with its details in one call; its collection is in the details themselves. */
const APPENDED = "credits,external_ids,keywords,release_dates";

export type TmdbClientOptions = TmdbGetterOptions & TmdbExportOptions;

/** Every question is asked until it is answered: paced, tried again by the kind of failure, and counted. */
export interface TmdbClient {
  /** Films by release date, ascending; 20 a page. */
  discover(window: DiscoverWindow, page: number): Promise<DiscoverPage>;
  /** Ids of films that changed on days of a range of 14 at most, both inclusive; 100 a page. */
  changes(range: { from: CalendarDate; to: CalendarDate }, page: number): Promise<ChangesPage>;
  /** A film's details with credits and ids, or TMDB's word that it has deleted it: status 404. */
  movie(id: TmdbId): Promise<ArchivedBody>;
  /** A day's file of the ids of all films. */
  downloadExport: DownloadExport;
  /** Asks for the configuration, the cheapest call that needs the key. */
  checkKey(): Promise<void>;
}

export function createTmdbClient(options: TmdbClientOptions): TmdbClient {
  const get = createTmdbGetter(options);
  return {
    discover: async ({ from, to, minVotes }, page) => {
      const query = {
        "primary_release_date.gte": from,
        "primary_release_date.lte": to,
        ...(minVotes > 0 ? { "vote_count.gte": String(minVotes) } : {}),
        include_adult: "false",
        sort_by: "primary_release_date.asc",
        page: String(page),
      };
      return discoverPageSchema.parse(found(await get("/discover/movie", query, discoverPageSchema)).json);
    },
    changes: async ({ from, to }, page) => {
      const query = { start_date: from, end_date: to, page: String(page) };
      return changesPageSchema.parse(found(await get("/movie/changes", query, changesPageSchema)).json);
    },
    movie: async (id) => {
      const query = { append_to_response: APPENDED };
      const { path, status, body } = await get(`/movie/${id}`, query, z.object({ id: z.literal(Number(id)) }));
      return { path, body, ...(status === 200 ? {} : { status }) };
    },
    downloadExport: createExportDownload(options),
    checkKey: async () => {
      found(await get("/configuration", {}, z.object({})));
    },
  };
}
