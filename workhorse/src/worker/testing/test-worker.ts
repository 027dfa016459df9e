import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createChildExecutor } from "../child-executor.ts";
import { createWorker } from "../worker.ts";

// A worker as a process of its own, for tests that kill it: its tasks are those of test-task-process.ts.
const url = process.env.DATABASE_URL ?? "";
const log = createLogger("worker", "info");
const database = connectDatabase({ url, log });
const queue = await openTaskQueue({ url, database, log, leaseSeconds: 10, retryDelaySeconds: 1 });
createWorker({
  ...{ database, queue, log, clock: systemClock, metrics: createMetrics("worker") },
  execute: createChildExecutor({
    entry: new URL("./test-task-process.ts", import.meta.url),
    memoryMb: 128,
    passLine: (line) => process.stdout.write(`${line}\n`),
    log,
  }),
  name: `test-${process.pid}`,
  concurrency: 1,
}).start();
