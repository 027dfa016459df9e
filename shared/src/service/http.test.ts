import { beforeEach, describe, expect, test } from "vitest";
import { problemSchema } from "../contracts/problem.ts";
import { MarqueeError } from "./errors.ts";
import { createHttpApp } from "./http.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACED = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };

let lines: Record<string, unknown>[];
let app: ReturnType<typeof createHttpApp>;

beforeEach(() => {
  lines = [];
  const log = createLogger("test", "debug", { write: (line) => void lines.push(JSON.parse(line)) });
  app = createHttpApp({ log, metrics: createMetrics("test"), checks: [] });
  app.post("/films/:id", (request) => {
    request.log.warn("something about it");
    return { id: request.id };
  });
  app.get("/broken", () => {
    throw new MarqueeError("NOT_READY", "Not yet.");
  });
});

const answered = () => lines.filter(({ msg }) => msg === "answered");

describe("the trace id", () => {
  test("of the caller stands in the answer's header and in each log line of the request", async () => {
    const response = await app.inject({ method: "POST", url: "/films/7", payload: {}, headers: TRACED });
    expect(response.headers["x-trace-id"]).toBe(TRACE_ID);
    expect(response.json()).toEqual({ id: TRACE_ID });
    expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual([
      ["something about it", TRACE_ID],
      ["answered", TRACE_ID],
    ]);
  });

  test("is made where the caller has none", async () => {
    const { headers } = await app.inject("/health");
    expect(headers["x-trace-id"]).toMatch(/^[0-9a-f]{12}7[0-9a-f]{19}$/);
  });

  test.each([
    ["a route that fails", "/broken"],
    ["no route", "/nowhere"],
    ["a path that cannot be read", "/%x"],
  ])("of %s stands in the problem and in the header", async (_sentence, url) => {
    const response = await app.inject({ url, headers: TRACED });
    expect(problemSchema.parse(response.json()).requestId).toBe(TRACE_ID);
    expect(response.headers["x-trace-id"]).toBe(TRACE_ID);
  });
});

test("a slow sender is cut off after 30 seconds, and no later because its headers came in time", () => {
  const { requestTimeout, headersTimeout } = app.server;
  // Node takes the longer of the two for the whole request.
  expect(Math.max(requestTimeout, headersTimeout)).toBe(30_000);
});

describe("an answer", () => {
  test("is logged with the route's pattern, status and time, and nothing of what was sent", async () => {
    await app.inject({ method: "POST", url: "/films/7?secret=yes", payload: { name: "Ada" } });
    expect(answered()).toMatchObject([
      { level: "info", method: "POST", route: "/films/:id", status: 200, milliseconds: expect.any(Number) },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|Ada|films\/7/);
  });

  test("that is a refusal is logged too", async () => {
    await app.inject("/nowhere?secret=yes");
    await app.inject("/broken");
    expect(answered()).toMatchObject([
      { level: "info", route: "unknown", status: 404 },
      { level: "info", route: "/broken", status: 503 },
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  test.each(["/health", "/ready", "/metrics"])("of %s is no news", async (url) => {
    await app.inject(url);
    expect(answered()).toMatchObject([{ level: "debug", route: url, status: 200 }]);
  });
});

describe("what an answer says of /docs", () => {
  const json = { "content-type": "application/json" };
  const details = async (hasDocs: boolean) => {
    const log = createLogger("test", "fatal", { write: () => undefined });
    const other = createHttpApp({ log, metrics: createMetrics("test"), checks: [], hasDocs });
    other.post("/films", () => ({}));
    const answers = [
      await other.inject("/docs"),
      await other.inject({ method: "POST", url: "/films", payload: "{", headers: json }),
      await other.inject({ method: "POST", url: "/films", payload: "", headers: json }),
    ];
    return answers.map((answer) => problemSchema.parse(answer.json()).detail);
  };

  test("is nothing where there is no such page", async () => {
    expect(await details(false)).toEqual([
      "There is no GET /docs.",
      "The body is not valid JSON in UTF-8.",
      "The body is empty. Accepted is JSON.",
    ]);
  });

  test("is where to look, where there is one", async () => {
    expect((await details(true)).every((detail) => detail?.includes("/docs"))).toBe(true);
  });
});
