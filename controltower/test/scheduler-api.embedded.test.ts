import { pipelineRunSchema, pipelineSchema } from "@marquee/shared/contracts/pipeline-run";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Scheduler } from "../src/scheduler/scheduler.ts";
import { createSchedulerHarness, type SchedulerHarness } from "./scheduler-harness.ts";

let harness: SchedulerHarness;
let scheduler: Scheduler;
beforeAll(async () => {
  harness = await createSchedulerHarness();
  scheduler = harness.schedule();
  await scheduler.start();
});
afterAll(() => harness.close());

function call(method: "GET" | "POST", url: string, payload?: object, { http }: Scheduler = scheduler) {
  return http.inject({ method, url, ...(payload ? { payload } : {}) });
}

describe("the scheduler's API", () => {
  it("shows the pipelines with their tasks and when they run next", async () => {
    const answer = await call("GET", "/api/pipelines");
    const { pipelines } = z.object({ pipelines: z.array(pipelineSchema) }).parse(answer.json());
    expect(pipelines.map(({ name, tasks }) => [name, tasks.map(({ task }) => task)])).toEqual([
      ["daily", ["collect", "catalog", "features", "materialize"]],
      ["train", ["features", "train", "gate"]],
      ["retention", ["retention"]],
      ["backup", ["backup"]],
      ["skew", ["check-skew"]],
    ]);
    expect(pipelines[0]?.schedule).toMatchObject({ cron: "0 4 * * *", timeZone: "Asia/Seoul" });
    // Four in the morning in Seoul.
    expect(pipelines[0]?.schedule?.next).toMatch(/T19:00:00/);
  });

  it("starts a run by hand, with its first task queued, and shows it", async () => {
    const answer = await call("POST", "/api/pipelines/train/runs", {
      by: "an operator",
      reason: "A new view.",
      parameters: { seed: 7 },
    });
    expect(answer.statusCode).toBe(201);
    const run = pipelineRunSchema.parse(answer.json());
    expect(run).toMatchObject({
      status: "queued",
      trigger: "manual",
      triggeredBy: "an operator",
      parameters: { seed: 7 },
    });
    expect(run.tasks.map(({ task, status }) => [task, status])).toEqual([
      ["features", "queued"],
      ["train", "waiting"],
      ["gate", "waiting"],
    ]);
    expect(answer.headers.location).toBe(`/api/runs/${run.runId}`);
    expect((await call("GET", `/api/runs/${run.runId}`)).json()).toEqual(run);
    expect((await call("GET", "/api/runs?pipeline=train&limit=1")).json()).toEqual({ runs: [run] });
    expect((await call("GET", "/api/runs?pipeline=daily")).json()).toEqual({ runs: [] });
  });

  it("refuses a second run of a pipeline that runs", async () => {
    const answer = await call("POST", "/api/pipelines/train/runs", {});
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: "PIPELINE_BUSY" });
  });

  it.each<[string, "GET" | "POST", string, object | undefined, number, string]>([
    [
      "a pipeline that is not there",
      "POST",
      "/api/pipelines/weekly/runs",
      {},
      404,
      "There is no pipeline weekly; there are daily, train, ",
    ],
    ["parameters that it does not take", "POST", "/api/pipelines/daily/runs", { parameters: { seed: 1 } }, 400, "seed"],
    ["a body with an unknown key", "POST", "/api/pipelines/daily/runs", { force: true }, 400, "force"],
    [
      "a run that is not there",
      "GET",
      "/api/runs/018f0000-0000-7000-8000-000000000000",
      undefined,
      404,
      "There is no run",
    ],
    [
      "text that no database can keep",
      "POST",
      "/api/pipelines/daily/runs",
      { reason: "a\u0000b" },
      400,
      "the character U+0000 is not accepted",
    ],
    ["text in a query that no database can keep", "GET", "/api/runs?pipeline=%00", undefined, 400, "U+0000"],
    ["an id that is none", "GET", "/api/runs/last", undefined, 400, "runId"],
    ["a limit out of bounds", "GET", "/api/runs?limit=0", undefined, 400, "limit"],
  ])("tells of %s", async (_what, method, url, payload, status, detail) => {
    const answer = await call(method, url, payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().detail).toContain(detail);
  });

  it("lets in who brings its token, and nobody else", async () => {
    const guarded = harness.schedule({ apiToken: "the-api-token", webhookToken: "the-webhook-token" });
    const get = (url: string, authorization?: string) =>
      guarded.http.inject({ url, ...(authorization ? { headers: { authorization } } : {}) });
    for (const url of ["/api/pipelines", "/api/runs", "/api/decisions"]) {
      expect((await get(url)).statusCode).toBe(401);
      expect((await get(url, "Bearer the-webhook-token")).statusCode).toBe(401);
      expect((await get(url, "Bearer the-api-token")).statusCode).toBe(200);
    }
    expect((await call("POST", "/api/pipelines/daily/runs", {}, guarded)).statusCode).toBe(401);
    const refused = await call("POST", "/webhooks/alertmanager", {}, guarded);
    expect(refused.json()).toMatchObject({ code: "CREDENTIALS_REFUSED" });
    expect(refused.headers["www-authenticate"]).toBe("Bearer");
    for (const url of ["/health", "/metrics", "/ready"]) expect((await get(url)).statusCode).toBe(200);
  });
});
