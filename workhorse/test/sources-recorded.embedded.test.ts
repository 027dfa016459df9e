import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { systemClock } from "@marquee/shared/service/clock";
import { isMarqueeError } from "@marquee/shared/service/errors";
import { inParallel } from "@marquee/shared/service/in-parallel";
import { createLogger } from "@marquee/shared/service/logger";
import { findInput } from "@marquee/shared/testing/inputs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRequestCounts } from "../src/sources/request-counts.ts";
import { createTmdbClient, type TmdbClient } from "../src/sources/tmdb-client.ts";

const folder = findInput("data/tmdb-api", "the recorded bodies of TMDB");
/** HTTP statuses that TMDB documents for its error codes: https://developer.themoviedb.org/docs/errors. */
const HTTP_STATUS: Record<number, number> = {
  ...{ 1: 200, 7: 401, 8: 403, 11: 500, 12: 201, 17: 401, 18: 401, 20: 422, 22: 400, 30: 401, 34: 404 },
};

let server: Server;
let client: TmdbClient;
/** What is answered, by the request's film or page. */
let bodies: Map<string, { status: number; body: string }>;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://tmdb");
    const asked = /^\/3\/movie\/(\d+)$/.exec(url.pathname)?.[1] ?? url.searchParams.get("page") ?? "";
    const { status, body } = bodies.get(asked) ?? { status: 500, body: "" };
    response.writeHead(status).end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  client = createTmdbClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/3`,
    exportUrl: "http://127.0.0.1:1",
    apiKey: "key",
    requestsPerSecond: 0,
    concurrency: 16,
    silenceMs: 30_000,
    counts: createRequestCounts(),
    clock: systemClock,
    log: createLogger("test", "silent"),
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function recorded(kind: string): { name: string; body: string; json: Record<string, unknown> }[] {
  const path = join(folder ?? "", kind);
  return readdirSync(path).map((name) => {
    const body = readFileSync(join(path, name), "utf8");
    return { name, body, json: JSON.parse(body) as Record<string, unknown> };
  });
}

/** Asks for everything at once, each by a number of its own. */
async function ask<T>(
  served: readonly { name: string; body: string; status?: number }[],
  question: (number: number) => Promise<T>,
): Promise<{ answers: T[]; refused: string[] }> {
  bodies = new Map(served.map(({ body, status = 200 }, i) => [String(i + 1), { status, body }]));
  const answers: T[] = [];
  const refused: string[] = [];
  await inParallel(served, served.length, async ({ name }, i) => {
    try {
      answers.push(await question(i + 1));
    } catch (error) {
      if (!isMarqueeError(error)) throw error;
      expect(error.details.fault, name).toBeDefined();
      refused.push(`${name}: ${error.code} ${error.message}`);
    }
  });
  return { answers, refused: refused.sort() };
}

describe.skipIf(folder === undefined)("TMDB's recorded bodies", () => {
  it("of films all come through as they are", async () => {
    const lines = gunzipSync(readFileSync(join(folder ?? "", "movie-details-1187.jsonl.gz")))
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
    const films = [...lines, ...recorded("movie").map(({ body }) => body)].map((body) => ({
      body,
      id: (JSON.parse(body) as { id: number }).id,
    }));
    expect(lines).toHaveLength(1_187);
    for (const { body, id } of films) {
      bodies = new Map([[String(id), { status: 200, body }]]);
      expect((await client.movie(id as TmdbId)).body).toBe(body);
    }
  });

  it("of errors are tombstones where they say so, else refused for their own reason", async () => {
    const served = recorded("status").map(({ name, body, json }) => ({
      ...{ name, body },
      status: HTTP_STATUS[Number(json.status_code)] ?? 500,
    }));
    const { answers, refused } = await ask(served, (id) => client.movie(id as TmdbId));
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(refused).toHaveLength(served.length - 2);
    for (const line of refused) expect(line).toMatch(/SOURCE_(KEY_REFUSED|REFUSED|BODY_INVALID|UNAVAILABLE) TMDB/);
    expect(refused.filter((line) => line.startsWith("status_code7")).join()).toContain("SOURCE_KEY_REFUSED");
    expect(refused.filter((line) => line.startsWith("status_code20")).join()).toContain("Invalid date range");
  });

  it("of changes and lists are all pages", async () => {
    const range = { from: "2026-01-01" as CalendarDate, to: "2026-01-02" as CalendarDate };
    const changes = await ask(recorded("changes_list"), (page) => client.changes(range, page));
    const lists = await ask(recorded("movie_list"), (page) => client.discover({ ...range, minVotes: 0 }, page));
    expect([changes.answers.length, changes.refused]).toEqual([13, []]);
    expect([lists.answers.length, lists.refused]).toEqual([163, []]);
  });
});
