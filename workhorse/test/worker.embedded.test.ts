import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { logLineSchema } from "@marquee/shared/contracts/log-line";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkerHarness, type WorkerHarness } from "../src/worker/testing/worker-harness.ts";

let harness: WorkerHarness;
beforeEach(async () => {
  harness = await createWorkerHarness();
});
afterEach(() => harness.close());

/** Polls are awaited so long, in milliseconds. */
const POLL = { timeout: 60_000, interval: 20 };

describe("the worker", () => {
  it("carries out a task in a process of its own and writes its result", async () => {
    harness.work();
    const task = await harness.queueTask("collect");
    const row = await harness.until(task, "succeeded");
    expect(row).toMatchObject({ tries: 1, worker: "here", error: null, output: { rowsIn: 1, rowsOut: 1 } });
    expect(row.output?.detail.pid).toBe(harness.begun("collect")[0]);
    expect(row.output?.detail.pid).not.toBe(process.pid);
    expect(await harness.metrics.text()).toMatch(/marquee_tasks_total\{task="collect",outcome="succeeded".*\} 1/);
  });

  it("takes a task that was queued before it started, and two at a time", async () => {
    harness.plan("catalog", "wait for the signal");
    const first = await harness.queueTask("catalog");
    const second = await harness.queueTask("collect");
    harness.work({ concurrency: 2 });
    await harness.until(second, "succeeded");
    expect((await harness.row(first)).status).toBe("running");
  });

  it("tries again what may pass by itself, and counts the tries", async () => {
    harness.plan("collect", "fail for now", "fail for now", "succeed");
    harness.work();
    const row = await harness.until(await harness.queueTask("collect"), "succeeded");
    expect(row).toMatchObject({ tries: 3, error: null });
    expect(harness.effects()).toEqual(["collect"]);
  });

  it("gives up after the last retry, with the last error", async () => {
    harness.plan("collect", "fail for now", "fail for now");
    harness.work();
    const row = await harness.until(await harness.queueTask("collect", { retries: 1 }), "failed");
    expect(row).toMatchObject({ tries: 2, error: "SOURCE_UNAVAILABLE: The source does not answer." });
    expect(row.ended_at).not.toBeNull();
  });

  it.each([
    ["fail for good", "SOURCE_KEY_REFUSED: The key is wrong."],
    ["fail unforeseen", expect.stringMatching(/^INTERNAL: Cannot read properties of undefined/)],
  ])("ends a task at once that cannot come right: %s", async (word, error) => {
    harness.plan("collect", word);
    harness.work();
    expect(await harness.until(await harness.queueTask("collect"), "failed")).toMatchObject({ tries: 1, error });
  });

  it("tries again a task whose process ended without a result, with its last words in the error", async () => {
    harness.plan("collect", "exit without a word");
    harness.work();
    const task = await harness.queueTask("collect", { retries: 0 });
    expect((await harness.until(task, "failed")).error).toBe(
      "TASK_LOST: The process of collect ended with code 3 without a result. Its last words: oh no",
    );
  });

  it("lets a killed process's task take effect once", async () => {
    harness.plan("collect", "wait for the signal", "succeed");
    harness.work();
    const task = await harness.queueTask("collect");
    await expect.poll(() => harness.begun("collect"), POLL).toHaveLength(1);
    process.kill(harness.begun("collect")[0] ?? 0, "SIGKILL");
    expect(await harness.until(task, "succeeded")).toMatchObject({ tries: 2 });
    expect(harness.effects()).toEqual(["collect"]);
  });

  it("tries again a task whose process somebody else told to end, as whoever stops a machine does", async () => {
    harness.plan("collect", "wait for the signal", "succeed");
    harness.work();
    const task = await harness.queueTask("collect");
    await expect.poll(() => harness.begun("collect"), POLL).toHaveLength(1);
    process.kill(harness.begun("collect")[0] ?? 0, "SIGTERM");
    expect(await harness.until(task, "succeeded")).toMatchObject({ tries: 2 });
    expect(harness.effects()).toEqual(["collect"]);
  });

  it("does not wait for what a task has started and left behind", async () => {
    harness.plan("collect", "leave a process behind");
    harness.work({ killAfterMs: 100 });
    const task = await harness.queueTask("collect", { retries: 0 });
    await expect.poll(() => harness.effects(), POLL).toEqual(["collect"]);
    await expect.poll(async () => (await harness.row(task)).status, { timeout: 10_000 }).toBe("succeeded");
  });

  it("keeps a piece at a time of a line without end, and little of it in the error", async () => {
    harness.plan("collect", "write a line without end");
    harness.work();
    const { error } = await harness.until(await harness.queueTask("collect", { retries: 0 }), "failed");
    expect(error).toMatch(/ended with code 3 without a result\. Its last words: y+/);
    expect(error?.length).toBeLessThan(10_000);
    const pieces = harness.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "output");
    expect(pieces.map(({ line }) => line).join("")).toBe("x".repeat(1_000_000));
    expect(Math.max(...pieces.map(({ line }) => line.length))).toBeLessThanOrEqual(200_000);
  });

  it("ends a task that fills its heap without harm to itself", async () => {
    harness.plan("collect", "fill the heap");
    harness.work();
    const task = await harness.queueTask("collect", { retries: 0 });
    expect((await harness.until(task, "failed")).error).toBe(
      "TASK_LOST: The process of collect needed more than its 64 MB of heap (TASK_MEMORY_MB).",
    );
    await harness.until(await harness.queueTask("catalog"), "succeeded");
  });

  it.each([
    ["hears SIGTERM", "wait for the signal"],
    ["hears nothing", "hear no signal"],
  ])("kills a task at its time limit that %s", async (_name, word) => {
    harness.plan("collect", word);
    harness.work({ killAfterMs: 100 });
    const task = await harness.queueTask("collect", { retries: 0, timeLimitSeconds: 2 });
    expect((await harness.until(task, "failed")).error).toBe(
      "TASK_TIMED_OUT: collect took longer than its 2 seconds and was killed.",
    );
    expect(() => process.kill(harness.begun("collect")[0] ?? 0, 0)).toThrow("ESRCH");
  });

  it("passes its children's log lines on as they are, under the run's trace id, and wraps what is none", async () => {
    harness.plan("collect", "chatter");
    harness.work();
    const task = await harness.queueTask("collect");
    await harness.until(task, "succeeded");
    const [run] = await harness.database.query<{ run_id: string }>("select run_id from task_runs");
    const lines = harness.passed.map((line) => logLineSchema.parse(JSON.parse(line)));
    expect(lines.map(({ msg }) => msg)).toEqual(["task began", "a line of its own", "task succeeded"]);
    expect(new Set(lines.map(({ traceId }) => traceId))).toEqual(new Set([run?.run_id]));
    expect(lines[0]?.instance).toMatch(new RegExp(`-${harness.begun("collect")[0]}$`));
    expect(harness.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "output", line: "not a log line", traceId: run?.run_id }),
    );
  });

  it("when it stops gives back what does not end in time, without a lost try", async () => {
    harness.plan("collect", "wait for the signal", "succeed");
    const worker = harness.work();
    const task = await harness.queueTask("collect", { retries: 0 });
    await expect.poll(() => harness.begun("collect"), POLL).toHaveLength(1);
    await worker.drain(0);
    expect(await harness.row(task)).toMatchObject({ status: "queued", error: null });
    harness.work();
    expect(await harness.until(task, "succeeded")).toMatchObject({ tries: 2 });
  });

  it("gives back a task that it took in the moment when its time was over", async () => {
    harness.plan("collect", "wait for the signal");
    const task = await harness.queueTask("collect");
    let drained: Promise<void> | undefined;
    await harness.database.transaction(async (tx) => {
      await tx.query("select 1 from task_runs for update");
      const worker = harness.work({ concurrency: 1 });
      await expect.poll(() => tx.query("select 1 from pg_locks where not granted"), POLL).not.toEqual([]);
      drained = worker.drain(0);
      // A later timer than that of the worker's time.
      await delay(10);
    });
    await drained;
    expect(await harness.row(task)).toMatchObject({ status: "queued", error: null });
  });

  it("when it stops lets tasks in hand come to their end", async () => {
    harness.plan("collect", "succeed");
    const worker = harness.work();
    const task = await harness.queueTask("collect");
    await harness.until(task, "running");
    await worker.drain(60_000);
    expect((await harness.row(task)).status).toBe("succeeded");
  });

  it("takes over the task of a worker that was killed; its process ends, and the task takes effect once", async () => {
    harness.plan("collect", "wait for the signal", "succeed");
    const other = fork(new URL("../src/worker/testing/test-worker.ts", import.meta.url), [], {
      env: { ...process.env, DATABASE_URL: harness.database.url },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const task = await harness.queueTask("collect");
    await expect.poll(() => harness.begun("collect"), POLL).toHaveLength(1);
    expect((await harness.row(task)).worker).toBe(`test-${other.pid}`);
    harness.work();
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(await harness.until(task, "succeeded")).toMatchObject({ tries: 2, worker: "here" });
    expect(harness.effects()).toEqual(["collect"]);
    await expect.poll(() => isAlive(harness.begun("collect")[0] ?? 0), POLL).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
