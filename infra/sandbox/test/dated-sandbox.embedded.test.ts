import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { systemClock } from "@marquee/shared/service/clock";
import { listen } from "@marquee/shared/service/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordedData } from "../../testing/inputs.ts";
import { createSandbox } from "../app.ts";
import { createDatedFilms } from "../dated-films.ts";
import type { Position } from "../film-at.ts";
import { loadFilms } from "../load-films.ts";
import { silentLog } from "../testing/few-films.ts";

interface ListPage {
  total_pages: number;
  total_results: number;
  results: { id: number; release_date: string; vote_count: number; vote_average: number; popularity: number }[];
}

interface ClockState {
  asOf: string;
  films: number;
  rated: number;
}

/** A folder's films at a date, on loopback, asked as a client would. */
async function serve(folder: string | undefined, asOf: string, fields: Partial<Position> = {}) {
  const start = { asOf: asOf as CalendarDate, announcedDays: 0, ratedAfterDays: 0, shift: undefined, ...fields };
  const dated = await createDatedFilms({ films: await loadFilms(folder, silentLog), start, clock: systemClock });
  const app = createSandbox({ films: dated.films, dated, log: silentLog });
  const address = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
  const json = async <Body>(path: string, init?: RequestInit): Promise<Body> => {
    const answer = await fetch(`${address}${path}${path.includes("?") ? "&" : "?"}api_key=sandbox`, init);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Body;
  };
  return {
    address,
    json,
    close: () => app.close(),
    clock: () => json<ClockState>("/control/clock"),
    control: (name: "clock" | "shift", body: object) =>
      json<ClockState>(`/control/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    ratings: (headers: Record<string, string> = {}) => fetch(`${address}/imdb/title.ratings.tsv.gz`, { headers }),
    listed: async (): Promise<ListPage["results"]> => {
      const films: ListPage["results"] = [];
      for (let page = 1, pages = 1; page <= pages; page += 1) {
        const body = await json<ListPage>(`/3/discover/movie?sort_by=primary_release_date.asc&page=${page}`);
        films.push(...body.results);
        pages = body.total_pages;
      }
      return films;
    },
  };
}

type Served = Awaited<ReturnType<typeof serve>>;

async function rowsOf(answer: Response): Promise<string[][]> {
  const lines = String(gunzipSync(Buffer.from(await answer.arrayBuffer()))).trimEnd();
  return lines
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));
}

const numbers = (rows: string[][]) => new Map(rows.map(([id = "", average]) => [id, Number(average)]));

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

describe("the sample at a date", () => {
  let sandbox: Served;
  beforeAll(async () => {
    sandbox = await serve(undefined, "2005-01-01");
  });
  afterAll(() => sandbox.close());

  test("shows what was out by then, and of the ratings theirs", async () => {
    const films = await sandbox.listed();
    const { rated, ...state } = await sandbox.clock();
    expect(state).toMatchObject({ asOf: "2005-01-01", films: films.length });
    expect(films.at(-1)?.release_date.slice(0, 4)).toBe("2004");
    expect(await rowsOf(await sandbox.ratings())).toHaveLength(rated);
  });

  test("sends the ratings again to who remembers their tag or date once the clock has moved, not before", async () => {
    const { headers } = await sandbox.ratings();
    const known: Record<string, string>[] = [
      { "if-none-match": headers.get("etag") ?? "" },
      { "if-modified-since": headers.get("last-modified") ?? "" },
    ];
    const statuses = () => Promise.all(known.map(async (conditions) => (await sandbox.ratings(conditions)).status));
    expect(await statuses()).toEqual([304, 304]);
    await sandbox.control("clock", { asOf: "2006-01-01" });
    expect(await statuses()).toEqual([200, 200]);
  });

  test("lists as changed today what came out with the move", async () => {
    const changes = await sandbox.json<ListPage>("/3/movie/changes");
    const came = (await sandbox.listed()).filter(({ release_date }) => release_date > "2005-01-01");
    expect(came.length).toBeGreaterThan(50);
    expect(changes.total_results).toBe(came.length);
  });

  test("takes what the README shows", async () => {
    const calls = [...readme.matchAll(/^curl \S+:8090(\/control\/\S+)(?: --json '(.*)')?$/gm)];
    expect(calls.length).toBeGreaterThanOrEqual(3);
    for (const [, path = "", body] of calls) {
      await sandbox.json(path, body ? { method: "POST", headers: { "content-type": "application/json" }, body } : {});
    }
  });
});

const data = recordedData();

describe.skipIf(data === undefined)("the recorded set at a date", () => {
  let sandbox: Served;
  beforeAll(async () => {
    sandbox = await serve(data, "2012-01-01", { announcedDays: 180 });
  });
  afterAll(() => sandbox.close());

  test("shows the films of the time, those to come without figures", async () => {
    const films = await sandbox.listed();
    const coming = films.filter(({ release_date }) => release_date > "2012-01-01");
    expect(films).toHaveLength((await sandbox.clock()).films);
    expect(films.at(-1)?.release_date).toBe("2012-06-29");
    expect(coming.length).toBeGreaterThan(50);
    expect(coming.filter((film) => film.vote_count + film.vote_average + film.popularity > 0)).toEqual([]);
    const film = await sandbox.json<object>(`/3/movie/${coming[0]?.id}`);
    expect(film).toMatchObject({ status: "Post Production", revenue: 0, vote_count: 0, runtime: expect.any(Number) });
  });

  test("has ratings of its films alone, as IMDb published them", async () => {
    const { rated } = await sandbox.clock();
    const rows = await rowsOf(await sandbox.ratings());
    expect(rows).toHaveLength(rated);
    // The Matrix; The Avengers came out in April 2012.
    expect(rows).toContainEqual(["tt0133093", "8.7", expect.stringMatching(/^\d+$/)]);
    expect(rows.map(([id]) => id)).not.toContain("tt0848228");
  });

  test("moves on, with a shift for what comes", async () => {
    const before = numbers(await rowsOf(await sandbox.ratings()));
    await sandbox.control("shift", { from: "2012-01-02", by: -1 });
    const state = await sandbox.control("clock", { asOf: "2014-01-01" });
    expect(readme).toContain(JSON.stringify(state));
    const after = numbers(await rowsOf(await sandbox.ratings()));
    expect(after.size).toBe(state.rated);
    expect(after.size).toBeGreaterThan(before.size + 300);
    expect([...before].filter(([id, average]) => after.get(id) !== average)).toEqual([]);
    // The Avengers, 8.1 as recorded.
    expect(after.get("tt0848228")).toBe(7.1);
  });

  test("shows all of TMDB 5000 with a date in the end", async () => {
    expect(await sandbox.control("clock", { asOf: "2017-12-31" })).toMatchObject({ films: 4802 });
  });
});
