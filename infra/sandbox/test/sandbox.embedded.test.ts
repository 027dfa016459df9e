import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import { listen } from "@marquee/shared/service/http";
import { createLogger } from "@marquee/shared/service/logger";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordedData } from "../../testing/inputs.ts";
import { createSandbox } from "../app.ts";
import type { FilmSet } from "../film-set.ts";
import { loadFilms } from "../load-films.ts";
import { silentLog } from "../testing/few-films.ts";

interface ListPage {
  page: number;
  total_pages: number;
  total_results: number;
  results: { id: number; release_date: string }[];
}

interface Details {
  id: number;
  imdb_id: string | null;
  title: string;
  release_date: string;
  credits: { cast: { name: string }[]; crew: { name: string; job: string }[] };
  keywords: { keywords: object[] };
}

/** Serves a set on loopback and asks it as a client would. */
async function serve(films: FilmSet) {
  const app: FastifyInstance = createSandbox({ films, log: silentLog });
  const address = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}`;
  async function json<Body>(path: string): Promise<Body> {
    const answer = await fetch(`${address}${path}${path.includes("?") ? "&" : "?"}api_key=sandbox`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Body;
  }
  return {
    close: () => app.close(),
    json,
    imdb: (file: string, init?: RequestInit) => fetch(`${address}/imdb/${file}.tsv.gz`, init),
    imdbRows: async (file: string): Promise<string[][]> => {
      const answer = await fetch(`${address}/imdb/${file}.tsv.gz`);
      return rowsOf(Buffer.from(await answer.arrayBuffer()));
    },
    allPages: async (query: string): Promise<ListPage["results"]> => {
      const films: ListPage["results"] = [];
      for (let page = 1, pages = 1; page <= pages; page += 1) {
        const body = await json<ListPage>(`/3/discover/movie?${query}&page=${page}`);
        films.push(...body.results);
        pages = body.total_pages;
      }
      return films;
    },
  };
}

/** The rows after the header. */
function rowsOf(gzipped: Buffer): string[][] {
  const lines = String(gunzipSync(gzipped)).trimEnd().split("\n").slice(1);
  return lines.map((line) => line.split("\t"));
}

type Served = Awaited<ReturnType<typeof serve>>;

describe("the default set", () => {
  let films: FilmSet;
  let sandbox: Served;
  beforeAll(async () => {
    films = await loadFilms(undefined, silentLog);
    sandbox = await serve(films);
  });
  afterAll(() => sandbox.close());

  test("has the films of vega-datasets that have a title, and their ratings", () => {
    expect(films).toMatchObject({ name: "vega-datasets sample", size: 3200, rated: 2987 });
  });

  test("is the same on every machine and in every run", async () => {
    const hash = createHash("sha256");
    for (const film of films.inOrder({ field: "primary_release_date", direction: "asc" })) {
      hash.update(film.details).update(film.parts.credits).update(film.parts.release_dates);
    }
    expect(hash.digest("hex")).toMatchInlineSnapshot(
      `"2ba5b98abfd643f9a5f2706690ab3e9511f70ea4da0905449fe8bd784d345962"`,
    );
  });

  test("is paged by release date without losing or repeating a film", async () => {
    const all = await sandbox.allPages("sort_by=primary_release_date.asc");
    expect(all).toHaveLength(3200);
    expect(new Set(all.map(({ id }) => id)).size).toBe(3200);
    const dates = all.map(({ release_date }) => release_date);
    expect(dates).toEqual([...dates].sort());
  });

  test("answers a film with cast and director", async () => {
    const film = await sandbox.json<Details>("/3/movie/900001500?append_to_response=credits,keywords,external_ids");
    expect(film).toMatchObject({ title: "The Covenant", imdb_id: "tt900001500", release_date: "2006-09-08" });
    expect(film.credits.cast[0]).toMatchObject({ name: "Steven Strait" });
    expect(film.credits.crew[0]).toMatchObject({ name: "Renny Harlin", job: "Director" });
  });

  test("carries its wrong centuries on TMDB's side, and IMDb's side says the right year", async () => {
    const late = await sandbox.allPages("sort_by=primary_release_date.desc&primary_release_date.gte=2012-01-01");
    expect(late).toHaveLength(22);
    const years = new Map((await sandbox.imdbRows("title.basics")).map((row) => [row[0], Number(row[5])]));
    for (const { id, release_date } of late) {
      const { imdb_id } = await sandbox.json<Details>(`/3/movie/${id}`);
      if (imdb_id !== null) expect(years.get(imdb_id)).toBe(Number(release_date.slice(0, 4)) - 100);
    }
  });

  test("has IMDb files that fit together", async () => {
    const titles = new Set((await sandbox.imdbRows("title.basics")).map(([id]) => id));
    const people = new Set((await sandbox.imdbRows("name.basics")).map(([id]) => id));
    expect(titles.size).toBe(2987);
    const ratings = await sandbox.imdbRows("title.ratings");
    expect(ratings.every(([id, average, votes]) => titles.has(id) && Number(average) <= 10 && Number(votes) > 0)).toBe(
      true,
    );
    expect(ratings).toHaveLength(2987);
    const principals = await sandbox.imdbRows("title.principals");
    expect(principals.length).toBeGreaterThan(15_000);
    expect(principals.every(([title, , person]) => titles.has(title) && people.has(person))).toBe(true);
    const crew = await sandbox.imdbRows("title.crew");
    expect(
      crew.every(([title, director = ""]) => titles.has(title) && (director === "\\N" || people.has(director))),
    ).toBe(true);
  });

  test("sends an IMDb file once to who remembers its tag", async () => {
    const first = await sandbox.imdb("title.ratings");
    const etag = first.headers.get("etag") ?? "";
    expect((await first.arrayBuffer()).byteLength).toBe(Number(first.headers.get("content-length")));
    expect((await sandbox.imdb("title.ratings", { headers: { "if-none-match": etag } })).status).toBe(304);
    const head = await sandbox.imdb("title.ratings", { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(first.headers.get("content-length"));
  });
});

describe("a folder of one's own", () => {
  let folder: string;
  let logged: string[];
  const log = createLogger("sandbox-test", "info", { write: (line) => logged.push(line) });
  beforeEach(async () => {
    logged = [];
    folder = await mkdtemp(join(tmpdir(), "marquee-sandbox-test-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const matrix = JSON.stringify({ id: 603, title: "The Matrix", release_date: "1999-03-31", imdb_id: "tt0133093" });
  const other = JSON.stringify({ id: 604, title: "The Matrix Reloaded", changed_at: "2026-07-01" });

  test("serves its films and IMDb files, refusing bad lines with their place", async () => {
    await writeFile(join(folder, "a.jsonl"), `${matrix}\n\nnot json\n${JSON.stringify({ id: 5 })}\n`);
    await writeFile(join(folder, "b.jsonl.gz"), gzipSync(`${other}\n${matrix}`));
    const ratings = "tconst\taverageRating\tnumVotes\ntt0133093\t8.7\t2000000\n";
    await writeFile(join(folder, "title.ratings.tsv.gz"), gzipSync(ratings));
    await writeFile(join(folder, "title.crew.tsv.gz"), gzipSync("id,director\n"));
    const films = await loadFilms(folder, log);
    expect(films).toMatchObject({ size: 2, rated: 1 });
    const refused = logged.map((line) => JSON.parse(line)).filter(({ reason }) => reason !== undefined);
    expect(refused).toMatchObject([
      { file: "a.jsonl", line: 3, reason: expect.stringContaining("JSON") },
      { file: "a.jsonl", line: 4, reason: expect.stringMatching(/^title /) },
      { file: "b.jsonl.gz", line: 2, reason: "film 603 came before" },
      { file: "title.crew.tsv.gz", line: 1, reason: expect.stringContaining("tconst\tdirectors\twriters") },
    ]);
    const sandbox = await serve(films);
    expect(await sandbox.imdbRows("title.ratings")).toEqual([["tt0133093", "8.7", "2000000"]]);
    const changes = await sandbox.json<ListPage>("/3/movie/changes?start_date=2026-07-01&end_date=2026-07-02");
    expect(changes.results).toEqual([{ id: 604, adult: false }]);
    await sandbox.close();
  });

  test("notices an IMDb file that is replaced while it runs", async () => {
    await writeFile(join(folder, "a.jsonl"), matrix);
    const file = join(folder, "title.ratings.tsv.gz");
    const header = "tconst\taverageRating\tnumVotes\n";
    await writeFile(file, gzipSync(header));
    const sandbox = await serve(await loadFilms(folder, log));
    const etag = (await sandbox.imdb("title.ratings", { method: "HEAD" })).headers.get("etag") ?? "";
    await writeFile(file, gzipSync(`${header}tt0133093\t8.7\t2000000\n`));
    const again = await sandbox.imdb("title.ratings", { headers: { "if-none-match": etag } });
    expect(again.status).toBe(200);
    expect(rowsOf(Buffer.from(await again.arrayBuffer()))).toHaveLength(1);
    await sandbox.close();
  });

  test("whose file breaks off serves what came before", async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => JSON.stringify({ id: i + 1, title: `Film ${i * 7919}` }));
    const gzipped = gzipSync(lines.join("\n"));
    await writeFile(join(folder, "a.jsonl.gz"), gzipped.subarray(0, gzipped.length - 2000));
    const films = await loadFilms(folder, log);
    expect(films.size).toBeGreaterThan(100);
    expect(logged.join("")).toContain("the file cannot be read from here on");
  });

  const useless: { says: string; files: Record<string, string>; message: RegExp }[] = [
    {
      says: "nothing",
      files: {},
      message: /holds no films\. Looked for .*tmdb5000.*\.jsonl.*: it has no such file\.$/,
    },
    { says: "no usable line", files: { "a.jsonl": "1\n" }, message: /of a\.jsonl no line could be used \(1 refused/ },
    { says: "IMDb's files alone", files: { "title.akas.tsv.gz": "" }, message: /holds no films/ },
  ];
  test.each(useless)("with $says is refused, saying what was looked for", async ({ files, message }) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await expect(loadFilms(folder, log)).rejects.toMatchObject({
      code: "SANDBOX_DATA_INVALID",
      message: expect.stringMatching(message),
    });
  });

  test("that does not exist is refused by name", async () => {
    await expect(loadFilms(join(folder, "none"), log)).rejects.toMatchObject({
      code: "SANDBOX_DATA_INVALID",
      message: expect.stringContaining(join(folder, "none")),
    });
  });
});

const data = recordedData();

describe.skipIf(data === undefined)("the recorded set", () => {
  let films: FilmSet;
  let sandbox: Served;
  beforeAll(async () => {
    films = await loadFilms(data, silentLog);
    sandbox = await serve(films);
  });
  afterAll(() => sandbox.close());

  test("has all of TMDB 5000, 4,595 of them with a rating at IMDb", () => {
    expect(films).toMatchObject({ size: 4803, rated: 4595 });
  });

  test("says the same of ratings as the film bodies and the ratings file that it serves", async () => {
    const rated = new Set((await sandbox.imdbRows("title.ratings")).map(([id]) => id));
    const all = films.inOrder({ field: "primary_release_date", direction: "asc" });
    const joined = all.filter(({ imdbId }) => imdbId !== undefined && rated.has(imdbId));
    expect(joined).toHaveLength(4595);
    expect(new Set(joined.map(({ imdbId }) => imdbId)).size).toBe(4595);
  });

  test("serves IMDb's ratings as they were published", async () => {
    const answer = await sandbox.imdb("title.ratings");
    expect(answer.headers.get("last-modified")).toBe("Sun, 29 Oct 2017 00:00:00 GMT");
    const original = await readFile(join(data ?? "", "imdb/title.ratings.2017-10-29.tsv.gz"));
    expect(original.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
  });

  test("answers a film with everything that was recorded of it", async () => {
    const film = await sandbox.json<Details>(
      "/3/movie/603?append_to_response=credits,keywords,external_ids,release_dates",
    );
    expect(film).toMatchObject({ id: 603, title: "The Matrix", imdb_id: "tt0133093", release_date: "1999-03-30" });
    expect(film.credits.cast[0]).toMatchObject({ name: "Keanu Reeves", order: 0, id: 6384 });
    expect(film.credits.crew.filter(({ job }) => job === "Director").map(({ name }) => name)).toEqual([
      "Lilly Wachowski",
      "Lana Wachowski",
    ]);
    expect(film.keywords.keywords).toHaveLength(16);
  });

  const links = [
    { says: "the first of two links", tmdbId: 22649, imdbId: "tt0022879" },
    { says: "the link that IMDb still knows", tmdbId: 10991, imdbId: "tt0235679" },
    { says: "no id without a link", tmdbId: 380097, imdbId: null },
  ];
  test.each(links)("gives $says", async ({ tmdbId, imdbId }) => {
    expect(await sandbox.json(`/3/movie/${tmdbId}/external_ids`)).toMatchObject({ imdb_id: imdbId });
  });

  test("lists every film with a date once over all pages", async () => {
    const all = await sandbox.allPages("sort_by=primary_release_date.asc&primary_release_date.gte=1874-01-01");
    // One film, 380097, has no date.
    expect(new Set(all.map(({ id }) => id)).size).toBe(4802);
    expect(all).toHaveLength(4802);
  });

  test("has every film in the file of ids, the one without a date too", async () => {
    const { open } = await films.idExport("movie_ids").state();
    const ids = String(gunzipSync(await buffer(open())))
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: number }).id);
    expect(new Set(ids).size).toBe(4803);
    expect(ids).toContain(380097);
  });
});

describe.skipIf(data === undefined)("raw bodies of TMDB's as films of one's own", () => {
  test("are all served", async () => {
    expect(await loadFilms(join(data ?? "", "tmdb-api"), silentLog)).toMatchObject({ size: 1187, rated: 0 });
  });
});
