import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IMDB_FILES } from "../src/sources/imdb-client.ts";
import { collect } from "../src/tasks/collect.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { type CrawlHarness, openCrawl, range } from "./crawl-harness.ts";

let crawl: CrawlHarness;
beforeEach(async () => {
  crawl = await openCrawl();
  crawl.serve(range(1, 5));
  crawl.today("2026-03-10");
});
afterEach(() => crawl.close());

type Fault = (request: IncomingMessage, response: ServerResponse) => void;

const refuse: Fault = (_request, response) => response.writeHead(400).end("no");

/** What IMDb answers, and TMDB where it is not to be itself. */
function answers(imdb: Fault, tmdb?: Fault): void {
  crawl.server.fault = (request, response) => {
    const fault = /^\/(title|name)\./.test(request.url ?? "") ? imdb : tmdb;
    fault?.(request, response);
    return fault !== undefined;
  };
}

const files: Fault = (_request, response) => response.writeHead(200, { etag: '"1"' }).end(gzipSync("header\nrow\n"));
const collectBoth = (changes: Partial<TaskContext> = {}) =>
  collect(crawl.context(changes), crawl.clients(), crawl.archive);
const archivedFiles = async () => (await Array.fromAsync(crawl.archive.keys("imdb"))).length;

describe("a collection from both sources", () => {
  it("brings IMDb's files where TMDB fails, and then fails by TMDB's own words", async () => {
    answers(files, refuse);
    const notices: string[] = [];
    await expect(collectBoth({ onNotice: (text) => notices.push(text) })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringMatching(/^TMDB answered 400 to (?!.*IMDb)/),
    });
    expect(notices).toEqual([
      expect.stringMatching(/^TMDB failed, and IMDb is collected all the same: TMDB answered 400 /),
    ]);
    expect(await archivedFiles()).toBe(IMDB_FILES.length);
  });

  it("where both fail names both", async () => {
    answers(refuse, refuse);
    await expect(collectBoth()).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringMatching(/^TMDB answered 400 .*\. IMDb failed, too: IMDb answered 400 /),
    });
  });

  it("brings the films where IMDb fails", async () => {
    answers(refuse);
    await expect(collectBoth()).rejects.toMatchObject({ message: expect.stringMatching(/^IMDb answered 400 /) });
    expect((await crawl.archived()).size).toBe(5);
  });

  it("ends at once when it is stopped", async () => {
    const stop = new AbortController();
    answers(files, (request, response) => {
      stop.abort();
      refuse(request, response);
    });
    await expect(collectBoth({ signal: stop.signal })).rejects.toThrow();
    expect(await archivedFiles()).toBe(0);
  });

  it("asks IMDb for nothing where it is TMDB's alone", async () => {
    answers(files, refuse);
    await expect(crawl.run()).rejects.toMatchObject({ code: "SOURCE_REFUSED" });
    expect(await archivedFiles()).toBe(0);
  });
});
