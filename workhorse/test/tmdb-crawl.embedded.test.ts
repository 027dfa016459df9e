import type { CalendarDate } from "@marquee/shared/contracts/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadTmdb } from "../src/catalog/load-tmdb.ts";
import type { Progress } from "../src/tasks/task-context.ts";
import { type CrawlHarness, openCrawl, range, sorted } from "./crawl-harness.ts";

let crawl: CrawlHarness;

beforeEach(async () => {
  crawl = await openCrawl();
});
afterEach(() => crawl.close());

describe("a collection by TMDB's list of ids", () => {
  it("fetches every film, those without a date too, and keeps the list", async () => {
    crawl.serve(range(1, 250));
    crawl.server.films.set(900, { title: "Undated", date: "", votes: 0 });
    crawl.server.exports = { days: new Set(["2026-03-10"]), adult: [7_000] };
    expect(await crawl.run()).toMatchObject({ listed: 251, fetched: 251, gone: 0, unanswered: 0 });
    expect(sorted(crawl.server.asked.films)).toEqual([...range(1, 250), 900]);
    expect(crawl.server.asked.others.filter((path) => path.includes("discover"))).toEqual([]);
    expect((await crawl.archive.latest("tmdb", "movie_ids"))?.manifest).toMatchObject({
      ...{ form: "lines", rows: 252, observedAt: "2026-03-10T07:00:00.000Z" },
      cursor: expect.stringContaining("2026-03-10"),
    });
    const batches = (await crawl.archive.pending("tmdb", (key) => key.includes("movie_ids"))).map(
      ({ manifest }) => manifest,
    );
    expect(batches.map(({ rows, cursor }) => [rows, cursor])).toEqual([
      [100, "movie_ids 2026-03-10; ids 1 to 100"],
      [100, "movie_ids 2026-03-10; ids 101 to 200"],
      [51, "movie_ids 2026-03-10; ids 201 to 900"],
    ]);
  });

  it("of which the list is no film of a load's progress", async () => {
    crawl.serve(range(1, 3));
    crawl.today("2026-03-10");
    await crawl.run();
    const progress: Progress[] = [];
    await loadTmdb(crawl.context({ onProgress: (step) => progress.push(step) }), crawl.archive);
    expect(progress.at(-1)).toEqual({ done: 3, total: 3, unit: "films" });
  });

  it("again the same day asks for no film, and the next day for new, changed and missing ones alone", async () => {
    crawl.serve(range(1, 30));
    crawl.today("2026-03-10");
    await crawl.run();
    expect(await crawl.run()).toMatchObject({ listed: 30, fetched: 0, gone: 0 });
    expect(crawl.server.asked.films).toEqual([]);
    crawl.now = new Date("2026-03-11T09:00:00Z");
    crawl.today("2026-03-10", "2026-03-11");
    crawl.serve([31]);
    crawl.server.films.delete(4);
    crawl.server.changes = [
      { id: 9, day: "2026-03-11" },
      { id: 555, day: "2026-03-11" },
    ];
    expect(await crawl.run()).toMatchObject({ listed: 30, fetched: 2, gone: 1 });
    expect(sorted(crawl.server.asked.films)).toEqual([4, 9, 31]);
    expect([...(await crawl.archived())].filter(([, status]) => status === 404)).toEqual([[4, 404]]);
    // What is gone is not asked for again.
    crawl.server.changes = [];
    expect(await crawl.run()).toMatchObject({ fetched: 0, gone: 0 });
  });

  it("takes the day before's where today's is not there yet, and asks for none that is older than the last", async () => {
    crawl.serve(range(1, 3));
    crawl.today("2026-03-09");
    expect(await crawl.run()).toMatchObject({ listed: 3, fetched: 3 });
    const files = () => crawl.server.asked.others.filter((path) => path.includes("exports"));
    expect(files()).toEqual(["/p/exports/movie_ids_03_10_2026.json.gz", "/p/exports/movie_ids_03_09_2026.json.gz"]);
    crawl.today();
    expect(await crawl.run()).toMatchObject({ listed: 3, fetched: 0 });
    expect(files()).toHaveLength(2);
  });

  it("asks about a film that left the list but is still there once only", async () => {
    crawl.serve(range(1, 5));
    crawl.today("2026-03-10");
    await crawl.run();
    const whole = new Map(crawl.server.films);
    for (const day of ["2026-03-11", "2026-03-12", "2026-03-13"]) {
      crawl.now = new Date(`${day}T09:00:00Z`);
      crawl.today(day);
      // The list no longer names film 2, whose details are there all the same.
      crawl.server.fault = (request) => {
        crawl.server.films = new Map([...whole].filter(([id]) => !(request.url ?? "").includes("exports") || id !== 2));
        return false;
      };
      expect((await crawl.run()).fetched).toBe(day === "2026-03-11" ? 1 : 0);
    }
  });

  it("does not believe a list that lacks too many known films", async () => {
    await crawl.database.execute(
      "insert into tmdb_listings (tmdb_id, fetched_at) select id, now() from generate_series(1, 1200) as id",
    );
    crawl.serve([1, 2]);
    crawl.today("2026-03-10");
    expect(await crawl.run()).toMatchObject({ listed: 2, fetched: 0, gone: 0 });
    expect(await crawl.database.query("select count(*)::int as n from tmdb_listings")).toEqual([{ n: 1_200 }]);
  });

  it("does not take a list that is cut off or names no film", async () => {
    crawl.serve(range(1, 50));
    crawl.today("2026-03-10");
    let broken = 2;
    crawl.server.fault = (request, response) => {
      if (!(request.url ?? "").includes("exports") || broken === 0) return false;
      broken -= 1;
      response.writeHead(200).end(broken === 1 ? Buffer.from("1f8b0800", "hex") : "<html>busy</html>");
      return true;
    };
    expect(await crawl.run()).toMatchObject({ fetched: 50, requests: { tmdb: { truncated: 2 } } });
    expect((await Array.fromAsync(crawl.archive.keys("tmdb"))).filter((key) => key.includes("movie_ids"))).toHaveLength(
      1,
    );
  });
});

describe("a collection by discover's list", () => {
  it("walks it where TMDB has no list of ids", async () => {
    crawl.serve(range(1, 130));
    expect(await crawl.run()).toMatchObject({ listed: 130, fetched: 130 });
    expect(crawl.server.asked.others.filter((path) => path.includes("exports"))).toHaveLength(4);
    crawl.serve([131]);
    crawl.server.films.set(3, { title: "Film 3, restored", date: "2013-05-01", votes: 10 });
    expect(await crawl.run()).toMatchObject({ listed: 131, fetched: 2 });
    expect(sorted(crawl.server.asked.films)).toEqual([3, 131]);
  });

  it("walks it where only films with votes are wanted, and hears of deleted ones by changes", async () => {
    crawl.serve(range(1, 40), 100);
    crawl.serve(range(41, 60), 3);
    crawl.today("2026-03-10");
    expect(await crawl.run(crawl.clients(50))).toMatchObject({ listed: 40, fetched: 40 });
    crawl.server.films.delete(7);
    crawl.server.changes = [7, 50].map((id) => ({ id, day: "2026-03-10" }));
    expect(await crawl.run(crawl.clients(50))).toMatchObject({ listed: 39, fetched: 0, gone: 1 });
    expect(crawl.server.asked.films).toEqual([7]);
  });

  it("after the list of ids only notes what it says of known films", async () => {
    crawl.serve(range(1, 20));
    crawl.today("2026-03-10");
    await crawl.run();
    crawl.today();
    crawl.now = new Date("2026-03-20T09:00:00Z");
    await crawl.database.execute("update source_cursors set cursor = jsonb_set(cursor, '{export}', 'null')");
    expect(await crawl.run()).toMatchObject({ listed: 20, fetched: 0 });
    crawl.server.films.set(3, { title: "Film 3, restored", date: "2013-05-01", votes: 10 });
    expect(await crawl.run()).toMatchObject({ fetched: 1 });
  });

  it("of another source fetches everything anew", async () => {
    crawl.serve(range(1, 25));
    await crawl.run();
    expect(await crawl.run(crawl.clients(0, "another"))).toMatchObject({ listed: 25, fetched: 25 });
    expect(await crawl.run(crawl.clients(0, "another"))).toMatchObject({ fetched: 0 });
  });

  it("goes on from a cursor that an earlier version wrote", async () => {
    await crawl.database.execute(
      `insert into source_cursors values ('tmdb', '{"crawl":"the same","pending":[],"page":1,"films":0,"gone":0}', now())`,
    );
    crawl.serve([1]);
    expect(await crawl.run()).toMatchObject({ fetched: 1 });
  });
});

describe("a collection since a day", () => {
  it("fetches what was released or has changed since, and leaves the daily one where it is", async () => {
    crawl.serve(range(1, 40));
    crawl.today("2026-03-10");
    await crawl.run();
    const cursor = () => crawl.database.query("select cursor from source_cursors where source = 'tmdb'");
    const before = await cursor();
    crawl.server.films.set(50, { title: "New", date: "2026-02-01", votes: 1 });
    crawl.server.changes = [
      { id: 5, day: "2026-02-20" },
      { id: 6, day: "2026-01-20" },
    ];
    crawl.now = new Date("2026-03-12T09:00:00Z");
    await crawl.database.execute("update tmdb_listings set fetched_at = '2026-01-01'");
    expect(await crawl.run(crawl.clients(), "2026-02-01" as CalendarDate)).toMatchObject({ listed: 1, fetched: 2 });
    expect(sorted(crawl.server.asked.films)).toEqual([5, 50]);
    expect(await cursor()).toEqual(before);
  });
});
