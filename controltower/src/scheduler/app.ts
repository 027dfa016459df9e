import { openPublishing } from "@marquee/shared/backing/event-bus/open-publishing";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { openTaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { listen } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import type { SchedulerSettings } from "./env.ts";
import { createScheduler } from "./scheduler.ts";

/** Builds the scheduler's process; returns once it listens and runs go on. */
export async function startScheduler(context: ProcessContext<SchedulerSettings>): Promise<void> {
  const { settings, log, lifecycle } = context;
  const url = settings.DATABASE_URL;
  const database = connectDatabase({ url, log });
  lifecycle.onStop("database", () => database.close());
  await migrate(database, log);
  const { checks } = await openPublishing({ settings, database, context });
  const queue = await openTaskQueue({ url, database, log });
  lifecycle.onStop("task queue", () => queue.close());
  const scheduler = createScheduler({
    ...context,
    database,
    queue,
    crons: { daily: settings.DAILY_SCHEDULE, train: settings.TRAIN_SCHEDULE },
    timeZone: settings.TIME_ZONE,
    retrain: {
      maxPerDay: settings.RETRAIN_MAX_PER_DAY,
      coolDownSeconds: settings.RETRAIN_COOL_DOWN_SECONDS,
      minNewRatings: settings.RETRAIN_MIN_NEW_RATINGS,
    },
    apiToken: settings.SCHEDULER_API_TOKEN,
    webhookToken: settings.ALERTMANAGER_WEBHOOK_TOKEN,
    extraChecks: checks,
  });
  await scheduler.start();
  lifecycle.onStop("http", () => scheduler.http.close());
  const port = await listen(scheduler.http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "listening");
}
