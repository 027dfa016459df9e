import { predictionEventSchema } from "@marquee/shared/contracts/prediction-event";
import { problemSchema } from "@marquee/shared/contracts/problem";
import { userEventReceiptSchema, userEventSchema } from "@marquee/shared/contracts/user-event";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Serving } from "../src/serving/app.ts";
import { createMemoryPublisher, type MemoryPublisher } from "./memory-publisher.ts";
import { createServingHarness, post, type ServingHarness } from "./serving-harness.ts";
import { MATRIX, SEQUEL } from "./small-catalog.ts";
import { tinyModel } from "./tiny-model.ts";

const CLICK = { type: "click", userId: "u-7f3a", tmdbId: 603 };

let harness: ServingHarness;
let publisher: MemoryPublisher;
let serving: Serving;

beforeAll(async () => {
  harness = await createServingHarness();
  await harness.promote(tinyModel());
  publisher = createMemoryPublisher();
  serving = await harness.serve({ publisher });
});
afterAll(() => harness.close());
beforeEach(() => {
  publisher.offered = [];
  publisher.published = [];
  publisher.full = false;
});

describe("POST /events", () => {
  test("answers 202 with the id under which the event went to the bus", async () => {
    const response = await post(serving, CLICK, "/events");
    expect(response.statusCode).toBe(202);
    const { id } = userEventReceiptSchema.parse(response.json());
    const [message] = publisher.published;
    expect(message).toMatchObject({ topic: "events.user", id, key: "u-7f3a" });
    expect(userEventSchema.parse(JSON.parse(message?.value ?? ""))).toMatchObject({
      ...CLICK,
      traceId: response.headers["x-trace-id"],
    });
  });

  test("refuses what is wrong with the field named", async () => {
    const response = await post(serving, { ...CLICK, rating: 7 }, "/events");
    expect(response.statusCode).toBe(400);
    expect(problemSchema.parse(response.json())).toMatchObject({
      code: "REQUEST_INVALID",
      errors: [{ path: "rating", message: "is not known here; accepted: type, userId, tmdbId, at" }],
    });
  });

  test("takes no body that is larger than an event can be", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`key${i}`, 1]));
    const response = await post(serving, { ...CLICK, ...unknown }, "/events");
    expect(response.statusCode).toBe(413);
    expect(problemSchema.parse(response.json()).detail).toBe("The body is over 16384 bytes.");
  });

  test("says when to come back where the event can be kept nowhere, and nothing of our disks", async () => {
    publisher.full = true;
    const response = await post(serving, CLICK, "/events");
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("5");
    expect(problemSchema.parse(response.json()).code).toBe("SPOOL_FULL");
    expect(response.body).not.toContain("/var");
  });

  test("logs nothing of the user, whatever becomes of the event", async () => {
    const lines: string[] = [];
    const log = createLogger("serving", "trace", { write: (line) => void lines.push(line) });
    const metrics = createMetrics("logging");
    const own = await harness.serve({ publisher, log, metrics });
    const user = "u-whose-name-is-in-no-log";
    await post(own, { ...CLICK, userId: user }, "/events");
    await post(own, { ...CLICK, userId: `${user} @` }, "/events");
    await post(own, `{"userId": "${user}", `, "/events");
    await post(own, { ...CLICK, userId: user }, `/events?user=${user}`);
    publisher.full = true;
    await post(own, { ...CLICK, userId: user }, "/events");
    expect(lines.filter((line) => line.includes("/events"))).toHaveLength(5);
    expect(lines.join("")).not.toContain(user);
  });

  test("is described with its examples", async () => {
    const { paths } = (await serving.http.inject("/docs/json")).json();
    const { requestBody, responses } = paths["/events"].post;
    expect(Object.keys(requestBody.content["application/json"].examples)).toEqual(["rating", "click", "watchEnd"]);
    expect(Object.keys(responses)).toEqual(["202", "400", "413", "415", "503"]);
  });

  test("is not there where nothing is published", async () => {
    const response = await post(await harness.serve(), CLICK, "/events");
    expect(response.statusCode).toBe(404);
  });
});

describe("predictions", () => {
  const events = () => publisher.offered.map(({ value }) => predictionEventSchema.parse(JSON.parse(value)));

  test("go to the bus, each of a batch too, under the trace id that the answer tells", async () => {
    const single = await post(serving, { movie: { tmdbId: MATRIX.tmdbId } });
    const items = [{ movie: { tmdbId: SEQUEL.tmdbId } }, { movie: { tmdbId: 999 } }, { movie: { runtime: 100 } }];
    const batch = await post(serving, { items }, "/predict/batch");
    const [one, many] = [single, batch].map(({ headers }) => headers["x-trace-id"]);
    expect(events()).toMatchObject([
      { tmdbId: MATRIX.tmdbId, actualKnown: true, rating: single.json().rating, traceId: one },
      { tmdbId: SEQUEL.tmdbId, actualKnown: false, traceId: many },
      { tmdbId: null, actualKnown: false, traceId: many },
    ]);
    expect(publisher.offered.map(({ topic, key }) => [topic, key])).toEqual([
      ["predictions", "603"],
      ["predictions", "604"],
      ["predictions", many],
    ]);
  });

  test("that are refused do not", async () => {
    await post(serving, { movie: { tmdbId: 999 } });
    await post(serving, { movie: { budget: -1 } });
    expect(events()).toEqual([]);
  });
});

test("the age of the features is measured at each scrape", async () => {
  expect((await serving.http.inject("/metrics")).body).toMatch(/^marquee_feature_age_seconds\{service="test"\} 0$/m);
});

test("what else a process depends on stands in its readiness", async () => {
  const problem = () => "The event bus cannot be reached; 12 kB wait on the disk.";
  const extraChecks = [{ name: "event bus", severity: "degraded", problem } as const];
  const { http } = await harness.serve({ extraChecks });
  const response = await http.inject("/ready");
  expect(response.statusCode).toBe(200);
  expect(response.json()).toMatchObject({
    status: "degraded",
    checks: expect.arrayContaining([{ name: "event bus", severity: "degraded", ok: false, problem: problem() }]),
  });
});

test("while stopping the process is not ready, answers all the same, and ends each connection", async () => {
  const lifecycle = createLifecycle(createLogger("test", "silent"));
  const { http } = await harness.serve({ lifecycle, metrics: createMetrics("stopping") });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  lifecycle.onStop("http", () => http.close());
  lifecycle.onStop("drain", () => stopped);
  const stopping = lifecycle.stop();
  const ready = await http.inject("/ready");
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toMatchObject({
    status: "not ready",
    checks: expect.arrayContaining([expect.objectContaining({ name: "draining", ok: false })]),
  });
  const answer = await http.inject({ method: "POST", url: "/predict", payload: { movie: { tmdbId: MATRIX.tmdbId } } });
  expect([answer.statusCode, answer.headers.connection]).toEqual([200, "close"]);
  stop();
  await stopping;
});
