import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { daily } from "../src/scheduler/pipelines/daily.ts";
import { findRun, listRuns } from "../src/scheduler/run-records.ts";
import { createSchedulerHarness, type SchedulerHarness } from "./scheduler-harness.ts";

let harness: SchedulerHarness;
beforeEach(async () => {
  harness = await createSchedulerHarness();
});
afterEach(() => harness.close());

const TICK = new Date("2026-03-10T19:00:00Z");
const BY_HAND = { by: "test", reason: "Test.", parameters: {} };

describe("runs", () => {
  it("has one run of a tick with two schedulers, and none for a tick while it runs", async () => {
    const [one, other] = [harness.schedule(), harness.schedule()];
    await Promise.all([one.schedule.tick(daily, TICK), other.schedule.tick(daily, TICK)]);
    const runs = await listRuns(harness.database, { limit: 10 });
    expect(runs).toMatchObject([{ pipeline: "daily", trigger: "schedule", triggeredBy: "scheduler" }]);
    await harness.endRun(runs[0]?.runId ?? "", "succeeded");
    await other.schedule.tick(daily, TICK);
    expect(await listRuns(harness.database, { limit: 10 })).toHaveLength(1);
    const nextDay = new Date(TICK.getTime() + 86_400_000);
    await one.schedule.tick(daily, nextDay);
    await other.schedule.tick(daily, new Date(nextDay.getTime() + 1_000));
    expect(await listRuns(harness.database, { limit: 10 })).toHaveLength(2);
  });

  it("starts a run when its cron ticks", async () => {
    const scheduler = harness.schedule({ crons: { daily: "* * * * * *" } });
    await scheduler.start();
    await expect
      .poll(() => listRuns(harness.database, { limit: 10 }), { timeout: 20_000, interval: 50 })
      .toMatchObject([{ pipeline: "daily", trigger: "schedule" }]);
  });

  it("queues a task once, however many schedulers advance the run", async () => {
    const [one, other] = [harness.schedule(), harness.schedule()];
    const { runId } = await one.runs.trigger("daily", BY_HAND);
    await harness.database.execute(
      `update task_runs set status = 'succeeded', output = '{"rowsIn":0,"rowsOut":0,"detail":{}}' where task = 'collect'`,
    );
    await Promise.all([one.runs.advanceAll(), other.runs.advanceAll(), one.runs.advanceAll()]);
    expect(await harness.statuses(runId)).toEqual({
      collect: "succeeded",
      catalog: "queued",
      features: "waiting",
      materialize: "waiting",
    });
    const jobs = await harness.database.query("select 1 from pgboss.job where name = 'tasks'");
    expect(jobs).toHaveLength(2);
  });

  it("gives the gate the run that was trained", async () => {
    const scheduler = harness.schedule();
    const trained = "018f0000-0000-7000-8000-00000000000a";
    await scheduler.runs.trigger("train", BY_HAND);
    await harness.database.execute("update task_runs set status = 'succeeded', output = $1 where task <> 'gate'", [
      JSON.stringify({ rowsIn: 1, rowsOut: 1, detail: { runId: trained } }),
    ]);
    await scheduler.runs.advanceAll();
    const [gate] = await harness.database.query("select status, input from task_runs where task = 'gate'");
    expect(gate).toEqual({ status: "queued", input: { runId: trained } });
  });

  it("goes on with the others where the steps of one run cannot be taken", async () => {
    const scheduler = harness.schedule();
    await scheduler.runs.trigger("train", BY_HAND);
    const { runId } = await scheduler.runs.trigger("daily", BY_HAND);
    await harness.database.execute(
      `update task_runs set status = 'succeeded', output = '{"rowsIn":"many"}' where status = 'queued'`,
    );
    await scheduler.runs.advanceAll();
    expect(await harness.statuses(runId)).toMatchObject({ collect: "succeeded", catalog: "queued" });
  });

  it("fails where a task's input cannot be made from what came before", async () => {
    const scheduler = harness.schedule();
    const { runId } = await scheduler.runs.trigger("train", BY_HAND);
    await harness.database.execute(
      `update task_runs set status = 'succeeded', output = '{"rowsIn":1,"rowsOut":1,"detail":{}}' where task <> 'gate'`,
    );
    await scheduler.runs.advanceAll();
    const run = await findRun(harness.database, runId);
    expect(run).toMatchObject({
      status: "failed",
      tasks: [{ status: "succeeded" }, { status: "succeeded" }, { status: "failed" }],
    });
    expect(run.tasks[2]?.error).toContain("runId");
    expect(run.endedAt).not.toBeNull();
  });

  it("tells of a task that the queue gave up without a worker's word, skips the rest, and counts the failed run", async () => {
    const scheduler = harness.schedule();
    const { runId } = await scheduler.runs.trigger("daily", BY_HAND);
    await harness.queue.take(async (tx, task) => {
      await tx.execute("update task_runs set status = 'running', tries = 1 where task_run_id = $1", [task.taskRunId]);
      // As the queue's supervision does after the last try of a worker that died.
      await harness.queue.fail(tx, task, { retriable: false });
    }, AbortSignal.timeout(20_000));
    await scheduler.runs.advanceAll();
    expect(await findRun(harness.database, runId)).toMatchObject({
      status: "failed",
      tasks: [
        { task: "collect", status: "failed", error: "TASK_LOST: The worker died." },
        { status: "skipped" },
        { status: "skipped" },
        { status: "skipped" },
      ],
    });
    const { body } = await scheduler.http.inject({ url: "/metrics" });
    expect(body).toMatch(/marquee_pipeline_runs_total\{pipeline="daily",trigger="manual",status="failed".*\} 1/);
  });

  it("shows a task as queued again whose worker died with tries left", async () => {
    const scheduler = harness.schedule();
    const { runId } = await scheduler.runs.trigger("daily", BY_HAND);
    await harness.queue.take(async (tx, task) => {
      await tx.execute("update task_runs set status = 'running', tries = 1 where task_run_id = $1", [task.taskRunId]);
      await harness.queue.fail(tx, task, { retriable: true });
    }, AbortSignal.timeout(20_000));
    await scheduler.runs.advanceAll();
    expect(await harness.statuses(runId)).toMatchObject({ collect: "queued", catalog: "waiting" });
  });

  it("fails a run of a pipeline that this release does not know", async () => {
    const old = harness.schedule();
    const { runId } = await old.runs.trigger("train", BY_HAND);
    await harness.database.execute("update task_runs set status = 'waiting' where run_id = $1", [runId]);
    await harness.schedule({ pipelines: [daily] }).runs.advanceAll();
    expect((await findRun(harness.database, runId)).status).toBe("failed");
  });

  it("knows after a restart when a pipeline last succeeded", async () => {
    const { runId } = await harness.schedule().runs.trigger("daily", BY_HAND);
    await harness.endRun(runId, "succeeded", TICK);
    const restarted = harness.schedule();
    await restarted.runs.advanceAll();
    const { body } = await restarted.http.inject({ url: "/metrics" });
    expect(body).toMatch(
      new RegExp(`marquee_pipeline_last_success_timestamp_seconds\\{pipeline="daily".*\\} ${TICK.getTime() / 1_000}`),
    );
  });
});
