import { createScheduler, type Scheduler } from "@marquee/controltower/scheduler/scheduler";
import { type PipelineRun, pipelineRunSchema, type RunStatus } from "@marquee/shared/contracts/pipeline-run";
import { taskResultSchema } from "@marquee/shared/contracts/tasks";
import { systemClock } from "@marquee/shared/service/clock";
import { createLifecycle, type Lifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createWorkerHarness, type WorkerHarness } from "@marquee/workhorse/worker/testing/worker-harness";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Long enough that no test passes by polling. */
const NO_POLLS_MS = 3_600_000;

let harness: WorkerHarness;
let lifecycle: Lifecycle;
let lines: { traceId?: string; msg: string }[];
beforeEach(async () => {
  harness = await createWorkerHarness();
  lifecycle = createLifecycle(createLogger("test", "silent"));
  lines = [];
});
afterEach(async () => {
  await lifecycle.stop();
  await harness.close();
});

async function startScheduler(): Promise<Scheduler> {
  const { database, queue } = harness;
  const scheduler = createScheduler({
    ...{ database, queue, lifecycle, clock: systemClock, metrics: createMetrics("scheduler") },
    log: createLogger("scheduler", "info", { write: (line) => void lines.push(JSON.parse(line)) }),
    crons: {},
    timeZone: "Asia/Seoul",
    retrain: { maxPerDay: 3, coolDownSeconds: 0, minNewRatings: 1 },
    pollMs: NO_POLLS_MS,
  });
  lifecycle.onStop("http", () => scheduler.http.close());
  await scheduler.start();
  return scheduler;
}

async function trigger({ http }: Scheduler, pipeline: string): Promise<string> {
  const answer = await http.inject({ method: "POST", url: `/api/pipelines/${pipeline}/runs`, payload: {} });
  expect(answer.statusCode).toBe(201);
  return answer.json().runId;
}

async function until({ http }: Scheduler, runId: string, status: RunStatus): Promise<PipelineRun> {
  const read = async () => pipelineRunSchema.parse((await http.inject({ url: `/api/runs/${runId}` })).json());
  await expect.poll(async () => (await read()).status, { timeout: 90_000, interval: 20 }).toBe(status);
  return read();
}

describe("pipelines, from the scheduler through the queue to tasks in processes of their own", () => {
  it("runs a pipeline's tasks one after the other, each in its own process, woken by notices alone", async () => {
    const scheduler = await startScheduler();
    harness.work();
    const run = await until(scheduler, await trigger(scheduler, "daily"), "succeeded");
    expect(harness.effects()).toEqual(["collect", "catalog", "features", "materialize"]);
    expect(new Set(run.tasks.map(({ worker }) => worker))).toEqual(new Set(["here"]));
    const processes = run.tasks.map(({ output }) => taskResultSchema.parse(output).detail.pid);
    expect(new Set(processes).size).toBe(4);
    for (const [before, after] of run.tasks.slice(1).map((task, i) => [run.tasks[i], task] as const)) {
      expect(Date.parse(after.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(before?.endedAt ?? ""));
    }
    expect(lines.filter(({ traceId }) => traceId === run.runId).map(({ msg }) => msg)).toEqual([
      "pipeline run created",
      "pipeline run succeeded",
    ]);
    const passed = harness.passed.map((line) => JSON.parse(line) as { traceId: string });
    expect(new Set(passed.map(({ traceId }) => traceId))).toEqual(new Set([run.runId]));
  });

  it("hands the trained run to the gate", async () => {
    const scheduler = await startScheduler();
    harness.work();
    const run = await until(scheduler, await trigger(scheduler, "train"), "succeeded");
    const { runId } = taskResultSchema.parse(run.tasks[1]?.output).detail;
    const [gate] = await harness.database.query("select input from task_runs where task = 'gate'");
    expect(gate).toEqual({ input: { runId } });
  });

  it("goes on after a task that failed for now, and ends after one that failed for good", async () => {
    harness.plan("collect", "fail for now", "succeed");
    harness.plan("features", "fail for good");
    const scheduler = await startScheduler();
    harness.work();
    const run = await until(scheduler, await trigger(scheduler, "daily"), "failed");
    expect(run.tasks.map(({ task, status, tries }) => [task, status, tries])).toEqual([
      ["collect", "succeeded", 2],
      ["catalog", "succeeded", 1],
      ["features", "failed", 1],
      ["materialize", "skipped", 0],
    ]);
    expect(lines.map(({ msg }) => msg)).toContain("pipeline run failed");
  });

  it("goes on with two schedulers and two workers as with one", async () => {
    const [scheduler] = [await startScheduler(), await startScheduler()];
    harness.work();
    harness.work();
    await until(scheduler, await trigger(scheduler, "daily"), "succeeded");
    expect(harness.effects()).toEqual(["collect", "catalog", "features", "materialize"]);
  });

  it("takes a run up again that no scheduler saw coming to its next task", async () => {
    const first = await startScheduler();
    const runId = await trigger(first, "daily");
    await lifecycle.stop();
    harness.work();
    await expect.poll(() => harness.effects(), { timeout: 60_000 }).toEqual(["collect"]);
    lifecycle = createLifecycle(createLogger("test", "silent"));
    const second = await startScheduler();
    await until(second, runId, "succeeded");
  });
});
