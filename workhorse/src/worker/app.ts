import { hostname } from "node:os";
import { databaseCheck, openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { answerHealth } from "@marquee/shared/service/answer-health";
import type { Check } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { TASK_TABLE } from "../tasks/task-table.ts";
import { checkTaskTable } from "./check-task-table.ts";
import { createChildExecutor } from "./child-executor.ts";
import type { WorkerSettings } from "./env.ts";
import { createWorker } from "./worker.ts";

/** What a worker that stops needs beside the time that it gives its tasks: to kill them and to write it down. */
const STOP_SLACK_MS = 15_000;

/**
 * Builds the worker's process; returns once it takes tasks.
 * @throws TASK_UNKNOWN where a task of the contract has no implementation
 */
export async function startWorker(
  context: ProcessContext<WorkerSettings>,
  entry: string | URL = new URL("./task-process.ts", import.meta.url),
): Promise<void> {
  const { settings, log, logRelay, lifecycle } = context;
  checkTaskTable(TASK_TABLE);
  const { database, checks } = await openProcessBacking(context);
  const queue = await openTaskQueue({ url: settings.DATABASE_URL, database, log });
  lifecycle.onStop("task queue", () => queue.close());
  const notices: Check = { name: "task notices", severity: "degraded", problem: () => queue.problem() };
  await answerHealth(context, [databaseCheck(database), notices, ...checks]);
  const passLine = (line: string) => {
    process.stdout.write(`${line}\n`);
    logRelay.stream.write(`${line}\n`);
  };
  const worker = createWorker({
    ...context,
    database,
    queue,
    execute: createChildExecutor({ entry, memoryMb: settings.TASK_MEMORY_MB, passLine, log }),
    name: `${hostname()}-${process.pid}`,
    concurrency: settings.WORKER_CONCURRENCY,
  });
  const drainMs = settings.DRAIN_SECONDS * 1_000;
  lifecycle.onStop("tasks", () => worker.drain(drainMs), drainMs + STOP_SLACK_MS);
  worker.start();
}
