import type { CalendarDate } from "@marquee/shared/contracts/time";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { describe, expect, it } from "vitest";
import { createSourceClients, exportUrlBeside, type SourceClients } from "./source-clients.ts";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:9";

describe("TMDB's files of ids", () => {
  it.each([
    ["https://api.themoviedb.org/3", "http://files.tmdb.org/p/exports", "TMDB's own"],
    ["http://127.0.0.1:8090/3", "http://127.0.0.1:8090/p/exports", "those of a stand-in, never another's ids"],
  ])("beside %s are at %s: %s", (baseUrl, expected, _why) => {
    expect(exportUrlBeside(baseUrl)).toBe(expected);
  });
});

describe("a source that is away", () => {
  const day = "2026-03-10" as CalendarDate;
  it.each<[string, (clients: SourceClients) => Promise<unknown>]>([
    ["TMDB", ({ tmdb }) => tmdb.checkKey()],
    ["TMDB", ({ tmdb }) => tmdb.downloadExport(day, undefined, "never-written")],
    ["IMDb", ({ imdb }) => imdb.download("title.ratings", undefined, "never-written")],
  ])("is told of at the first retry: %s", async (name, ask) => {
    const stop = new AbortController();
    const notices: string[] = [];
    const clients = createSourceClients(
      {
        TMDB_API_KEY: "k".repeat(32),
        TMDB_BASE_URL: `${NOWHERE}/3`,
        TMDB_REQUESTS_PER_SECOND: 0,
        TMDB_MIN_VOTES: 0,
        IMDB_BASE_URL: NOWHERE,
      },
      {
        clock: systemClock,
        log: createLogger("test", "silent"),
        signal: stop.signal,
        onNotice: (text) => {
          notices.push(text);
          stop.abort();
        },
      },
    );
    await expect(ask(clients)).rejects.toThrow(/abort/i);
    expect(notices).toEqual([`${name} does not answer (ECONNREFUSED); trying again in 1 s (2 of 6).`]);
  });
});
