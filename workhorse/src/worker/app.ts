import { hostname } from "node:os";
import { openPublishing } from "@marquee/shared/backing/event-bus/open-publishing";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { errorMessage } from "@marquee/shared/service/errors";
import { type Check, createHttpApp, listen } from "@marquee/shared/service/http";
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
  const { settings, log, logRelay, metrics, lifecycle } = context;
  checkTaskTable(TASK_TABLE);
  const url = settings.DATABASE_URL;
  const database = connectDatabase({ url, log });
  lifecycle.onStop("database", () => database.close());
  await migrate(database, log);
  const { checks } = await openPublishing({ settings, database, context });
  const queue = await openTaskQueue({ url, database, log });
  lifecycle.onStop("task queue", () => queue.close());
  const databaseCheck: Check = {
    name: "database",
    severity: "required",
    problem: () => database.ping().then(() => undefined, errorMessage),
  };
  const notices: Check = { name: "task notices", severity: "degraded", problem: () => queue.problem() };
  const http = createHttpApp({ log, metrics, checks: [databaseCheck, notices, ...checks] });
  lifecycle.onStop("http", () => http.close());
  const port = await listen(http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "listening");
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
