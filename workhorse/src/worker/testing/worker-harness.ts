import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTaskQueue, type TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import type { TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import type { TaskName } from "@marquee/shared/contracts/tasks";
import { systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics, type Metrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { expect } from "vitest";
import { createChildExecutor } from "../child-executor.ts";
import { createWorker, type Worker } from "../worker.ts";

const TEST_TASKS = new URL("./test-task-process.ts", import.meta.url);

/** pg-boss takes no less. */
const LEASE_SECONDS = 10;
/** No scheduler is there to tell of the tasks of workers that died. */
const POLL_SECONDS = 2;
/** For a state to come about, in milliseconds: a lease, the look for it, a retry's delay, on a busy machine. */
const DEADLINE_MS = 90_000;

export interface TaskRow {
  status: TaskStatus;
  tries: number;
  worker: string | null;
  output: { detail: Record<string, unknown> } | null;
  error: string | null;
  started_at: Date | null;
  ended_at: Date | null;
}

/** A queue with what the scheduler would put into it, workers in this process, and tasks in processes of their own. */
export interface WorkerHarness {
  database: TestDatabase;
  queue: TaskQueue;
  metrics: Metrics;
  /** Lines that children logged, as the worker passed them on. */
  passed: string[];
  /** Lines that the worker logged. */
  logged: string[];
  /** What a task does, try by try. */
  plan(task: TaskName, ...words: string[]): void;
  /** How often tasks of this name have begun. */
  begun(task: TaskName): number[];
  /** Effects of tasks, in their order. */
  effects(): string[];
  queueTask(task: TaskName, options?: { timeLimitSeconds?: number; retries?: number }): Promise<string>;
  work(options?: { killAfterMs?: number; concurrency?: number }): Worker;
  row(taskRunId: string): Promise<TaskRow>;
  until(taskRunId: string, status: TaskStatus): Promise<TaskRow>;
  close(): Promise<void>;
}

export async function createWorkerHarness(): Promise<WorkerHarness> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "marquee-tasks-"));
  process.env.TEST_TASKS_FOLDER = folder;
  const logged: string[] = [];
  const passed: string[] = [];
  const log = createLogger("worker", "debug", { write: (line) => void logged.push(line) });
  const options = {
    url: database.url,
    database,
    log,
    leaseSeconds: LEASE_SECONDS,
    retryDelaySeconds: 1,
    pollSeconds: POLL_SECONDS,
  };
  const queue = await openTaskQueue(options);
  const metrics = createMetrics("worker");
  const workers: Worker[] = [];
  const linesOf = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim().split("\n") : [];
  const row = async (taskRunId: string) => {
    const [found] = await database.query<TaskRow>("select * from task_runs where task_run_id = $1", [taskRunId]);
    return found as TaskRow;
  };
  return {
    ...{ database, queue, metrics, passed, logged },
    plan: (task, ...words) => writeFileSync(join(folder, task), words.join("\n")),
    begun: (task) => linesOf(`${task}.begun`).map(Number),
    effects: () => linesOf("effects"),
    queueTask: (task, { timeLimitSeconds = 60, retries = 3 } = {}) =>
      queueTask(database, queue, { task, timeLimitSeconds, retries }),
    work: ({ killAfterMs = 5_000, concurrency = 2 } = {}) => {
      const passLine = (line: string) => void passed.push(line);
      const worker = createWorker({
        ...{ database, queue, log, concurrency, name: "here", clock: systemClock },
        metrics: workers.length === 0 ? metrics : createMetrics("worker"),
        execute: createChildExecutor({ entry: TEST_TASKS, memoryMb: 64, passLine, log, killAfterMs }),
      });
      workers.push(worker);
      worker.start();
      return worker;
    },
    row,
    until: async (taskRunId, status) => {
      await expect.poll(async () => (await row(taskRunId)).status, { timeout: DEADLINE_MS, interval: 20 }).toBe(status);
      return row(taskRunId);
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.drain(0)));
      await queue.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the scheduler does, in short. */
async function queueTask(
  database: TestDatabase,
  queue: TaskQueue,
  { task, timeLimitSeconds, retries }: { task: TaskName; timeLimitSeconds: number; retries: number },
): Promise<string> {
  const [taskRunId, runId] = [uuidv7(systemClock), uuidv7(systemClock)];
  const input = task === "gate" ? { runId } : {};
  await database.transaction(async (tx) => {
    await tx.execute(
      `insert into pipeline_runs (run_id, pipeline, status, trigger, triggered_by, reason, created_at)
       values ($1::uuid, $1::text, 'queued', 'manual', 'test', 'Test.', now())`,
      [runId],
    );
    await tx.execute(
      "insert into task_runs (task_run_id, run_id, task, place, status, queued_at) values ($1, $2, $3, 0, 'queued', now())",
      [taskRunId, runId, task],
    );
    await queue.send(tx, { taskRunId, runId, pipeline: runId, task, input, timeLimitSeconds }, { retries });
  });
  return taskRunId;
}
