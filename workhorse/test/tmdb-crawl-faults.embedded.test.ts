import { gzipSync } from "node:zlib";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CrawlHarness, openCrawl, range, sorted } from "./crawl-harness.ts";

let crawl: CrawlHarness;

beforeEach(async () => {
  crawl = await openCrawl();
});
afterEach(() => crawl.close());

describe("a list of ids that names no film", () => {
  it("ends the collection and does not come into the archive", async () => {
    crawl.serve(range(1, 5));
    crawl.today("2026-03-10");
    crawl.server.fault = (request, response) => {
      if (!(request.url ?? "").includes("exports")) return false;
      response.writeHead(200).end(gzipSync("<html>busy</html>\n"));
      return true;
    };
    await expect(crawl.run()).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID" });
    expect(await Array.fromAsync(crawl.archive.keys("tmdb"))).toEqual([]);
    crawl.server.fault = () => false;
    expect(await crawl.run()).toMatchObject({ fetched: 5 });
  });
});

describe("changes", () => {
  it("are asked for from the day that was covered last, in ranges of two weeks", async () => {
    crawl.serve(range(1, 10));
    crawl.today("2026-03-10");
    await crawl.run();
    crawl.now = new Date("2026-04-02T09:00:00Z");
    crawl.today("2026-04-02");
    crawl.server.changes = range(1, 10).map((id) => ({ id, day: "2026-03-30" }));
    expect(await crawl.run()).toMatchObject({ fetched: 10 });
    const asked = crawl.server.asked.others.filter((path) => path.includes("changes"));
    expect(asked.map((path) => path.replace(/api_key=k+&?/, "").replace(/&?$/, ""))).toEqual([
      expect.stringContaining("start_date=2026-03-10&end_date=2026-03-23&page=1"),
      expect.stringContaining("start_date=2026-03-24&end_date=2026-04-02&page=1"),
    ]);
  });

  it("on the day of their fetching count for films that were asked for before midnight", async () => {
    crawl.serve([1]);
    crawl.today("2026-03-10");
    crawl.now = new Date("2026-03-10T23:59:59Z");
    crawl.server.fault = (request) => {
      if ((request.url ?? "").startsWith("/3/movie/1?")) crawl.now = new Date("2026-03-11T00:00:01Z");
      return false;
    };
    await crawl.run();
    crawl.server.changes = [{ id: 1, day: "2026-03-10" }];
    expect(await crawl.run()).toMatchObject({ fetched: 1 });
  });

  it("of before the oldest details are not asked for", async () => {
    crawl.serve(range(1, 3));
    crawl.today("2026-03-10");
    await crawl.run();
    crawl.now = new Date("2026-03-28T09:00:00Z");
    crawl.server.changes = [{ id: 2, day: "2026-03-12" }];
    expect(await crawl.run(crawl.clients(), "1926-01-01" as CalendarDate)).toMatchObject({ fetched: 1 });
    expect(crawl.server.asked.others.filter((path) => path.includes("changes"))).toHaveLength(2);
  });

  it("are not asked for since a day to come", async () => {
    crawl.serve(range(1, 3));
    crawl.today("2026-03-10");
    await crawl.run();
    crawl.server.films.set(4, { title: "Announced", date: "2031-01-01", votes: 0 });
    expect(await crawl.run(crawl.clients(), "2030-01-01" as CalendarDate)).toMatchObject({ listed: 1, fetched: 1 });
    expect(crawl.server.asked.others.filter((path) => path.includes("changes"))).toEqual([]);
  });

  it("are heard of again after a clock that was a year ahead", async () => {
    crawl.serve(range(1, 3));
    crawl.today("2026-03-10", "2026-03-12");
    crawl.now = new Date("2027-03-10T09:00:00Z");
    await crawl.run();
    crawl.now = new Date("2026-03-12T09:00:00Z");
    crawl.server.changes = [{ id: 2, day: "2026-03-11" }];
    expect(await crawl.run()).toMatchObject({ fetched: 1 });
    expect(crawl.server.asked.films).toEqual([2]);
    expect(await crawl.database.query("select cursor->>'changedUntil' as day from source_cursors")).toEqual([
      { day: "2026-03-12" },
    ]);
  });

  it("of many pages are all read", async () => {
    crawl.serve(range(1, 240));
    crawl.today("2026-03-10");
    await crawl.run();
    crawl.server.changes = range(1, 240).map((id) => ({ id, day: "2026-03-10" }));
    expect(await crawl.run()).toMatchObject({ fetched: 240 });
  });
});

describe("a collection that is killed", () => {
  it.each([
    ["by ids", "2026-03-10"],
    ["by discover", "1999-01-01"],
  ])("%s at any moment repeats one batch at most and loses nothing", async (_list, day) => {
    crawl.serve(range(1, 520));
    crawl.today(day);
    const asked: number[] = [];
    for (const stopAfter of [30, 99, 130, 1, 77]) {
      const abort = new AbortController();
      const before = asked.length;
      crawl.server.fault = (request) => {
        const id = /^\/3\/movie\/(\d+)\?/.exec(request.url ?? "")?.[1];
        if (id !== undefined) asked.push(Number(id));
        if (asked.length - before === stopAfter) abort.abort(new DOMException("killed", "AbortError"));
        return false;
      };
      await expect(crawl.run(crawl.clients(), undefined, { signal: abort.signal })).rejects.toThrow("killed");
    }
    expect(await crawl.run()).toMatchObject({ listed: 520, fetched: 520, gone: 0 });
    expect(asked.length).toBeLessThanOrEqual(520 + 5 * 100);
    expect(sorted((await crawl.archived()).keys())).toEqual(range(1, 520));
    expect(await crawl.database.query("select count(*)::int as n from tmdb_wanted")).toEqual([{ n: 0 }]);
    expect(await crawl.run()).toMatchObject({ fetched: 0 });
  });
});

describe("a key that is revoked amid a collection", () => {
  it("ends it with what to do, and the next one goes on", async () => {
    crawl.serve(range(1, 250));
    crawl.today("2026-03-10");
    crawl.server.fault = (request, response) => {
      if (crawl.server.asked.films.length < 120 || !(request.url ?? "").includes("/3/movie/")) return false;
      response.writeHead(401).end('{"status_code":7,"status_message":"Invalid API key"}');
      return true;
    };
    await expect(crawl.run()).rejects.toMatchObject({
      code: "SOURCE_KEY_REFUSED",
      message: expect.stringContaining("TMDB_API_KEY"),
    });
    expect(sorted((await crawl.archived()).keys())).toEqual(range(1, 100));
    crawl.server.fault = () => false;
    expect(await crawl.run()).toMatchObject({ listed: 250, fetched: 250 });
    expect(sorted(crawl.server.asked.films)).toEqual(range(101, 250));
  });
});

describe("films that TMDB refuses or fails to answer", () => {
  const refuse = (refused: (id: number) => boolean): void => {
    crawl.server.fault = (request, response) => {
      const id = Number(/^\/3\/movie\/(\d+)\?/.exec(request.url ?? "")?.[1]);
      if (!refused(id)) return false;
      response.writeHead(400).end('{"status_code":20,"status_message":"Refused."}');
      return true;
    };
  };

  it("do not keep the others from coming", async () => {
    crawl.serve(range(1, 12));
    crawl.today("2026-03-10");
    refuse((id) => id === 5);
    expect(await crawl.run()).toMatchObject({ fetched: 11, unanswered: 1 });
  });

  it("are set aside where nothing else is wanted, and TMDB answers for a film that it answered before", async () => {
    crawl.serve(range(1, 30));
    crawl.today("2026-03-10");
    refuse((id) => id <= 20);
    expect(await crawl.run()).toMatchObject({ fetched: 10, unanswered: 20 });
    expect(await crawl.run()).toMatchObject({ fetched: 0, unanswered: 20 });
  });

  it("end the collection where TMDB answers for none", async () => {
    crawl.serve(range(1, 30));
    crawl.today("2026-03-10");
    refuse((id) => id > 0);
    await expect(crawl.run()).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    crawl.server.fault = () => false;
    expect(await crawl.run()).toMatchObject({ fetched: 30, unanswered: 0 });
  });
});

describe("a film that TMDB fails to answer", () => {
  it("is set aside for the next collection, and the others come", async () => {
    crawl.serve(range(1, 12));
    crawl.today("2026-03-10");
    let failing = true;
    crawl.server.fault = (request, response) => {
      if (!failing || !(request.url ?? "").startsWith("/3/movie/5?")) return false;
      response.writeHead(200).end("<html>busy</html>");
      return true;
    };
    expect(await crawl.run()).toMatchObject({ fetched: 11, unanswered: 1, requests: { tmdb: { not_json: 6 } } });
    failing = false;
    expect(await crawl.run()).toMatchObject({ fetched: 1, unanswered: 0 });
  }, 60_000);
});
