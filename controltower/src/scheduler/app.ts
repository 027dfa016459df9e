import { openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { listen } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { type SchedulerSettings, schedulingOf } from "./env.ts";
import { createScheduler } from "./scheduler.ts";

/** Builds the scheduler's process; returns once it listens and runs go on. */
export async function startScheduler(context: ProcessContext<SchedulerSettings>): Promise<void> {
  const { settings, log, lifecycle } = context;
  const { database, checks } = await openProcessBacking(context);
  const queue = await openTaskQueue({ url: settings.DATABASE_URL, database, log });
  lifecycle.onStop("task queue", () => queue.close());
  const scheduler = createScheduler({
    ...context,
    database,
    queue,
    ...schedulingOf(settings),
    apiToken: settings.SCHEDULER_API_TOKEN,
    webhookToken: settings.ALERTMANAGER_WEBHOOK_TOKEN,
    extraChecks: checks,
  });
  await scheduler.start();
  lifecycle.onStop("http", () => scheduler.http.close());
  const port = await listen(scheduler.http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "listening");
}
