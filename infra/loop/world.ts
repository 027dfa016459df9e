import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import axios from "axios";

/** The sources of the loop: films as of a date that can be moved on. */
export interface World {
  /** For the product: where TMDB and IMDb are. */
  readonly settings: Record<string, string>;
  /** Ids of the films that are announced and not out. */
  comingFilms(): Promise<number[]>;
  /** Films out by `date` come out and are rated. */
  moveTo(date: string): Promise<{ films: number; rated: number }>;
  /** From now on ratings of films released from `from` on differ by so many points. */
  shiftRatings(shift: { from: string; by: number }): Promise<void>;
  readonly process: MarqueeProcess;
}

export interface WorldOptions {
  /** The recorded data. */
  folder: string;
  asOf: string;
  announcedDays: number;
}

const KEY = "loop";
/** TMDB's own number of films on a page. */
const FILMS_A_PAGE = 20;

export async function startWorld({ folder, asOf, announcedDays }: WorldOptions): Promise<World> {
  const process = startProcess([
    "infra/sandbox/main.ts",
    ...["--data", folder, "--as-of", asOf, "--announced-days", String(announcedDays), "--port", "0", "--key", KEY],
  ]);
  const address = (await process.printed(/TMDB_BASE_URL=(http:\/\/\S+)\/3/))[1] ?? "";
  const http = axios.create({ baseURL: address, proxy: false });
  return {
    process,
    settings: {
      TMDB_API_KEY: KEY,
      TMDB_BASE_URL: `${address}/3`,
      TMDB_EXPORT_URL: `${address}/p/exports`,
      TMDB_REQUESTS_PER_SECOND: "0",
      IMDB_BASE_URL: `${address}/imdb`,
    },
    comingFilms: async () => {
      const ids: number[] = [];
      for (let page = 1; ; page++) {
        const { data } = await http.get<{ results: { id: number }[]; total_pages: number }>("/3/discover/movie", {
          params: { api_key: KEY, page, "primary_release_date.gte": asOf, sort_by: "primary_release_date.asc" },
        });
        ids.push(...data.results.map(({ id }) => id));
        if (page >= data.total_pages || data.results.length < FILMS_A_PAGE) return ids;
      }
    },
    moveTo: async (date) => {
      await http.post("/control/clock", { asOf: date });
      return (await http.get<{ films: number; rated: number }>("/control/clock")).data;
    },
    shiftRatings: async (shift) => {
      await http.post("/control/shift", shift);
    },
  };
}
