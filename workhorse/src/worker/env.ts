import { eventBusSettings, processSettings } from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import type { z } from "zod";
import { taskSettings } from "../tasks/env.ts";

/** What the worker reads from the environment; its tasks' settings with it, so that a wrong one is told at its start. */
export const workerSettings = taskSettings.extend({
  ...processSettings,
  ...eventBusSettings,
  PORT: setting.integer(0, 65_535).default(9464),
  WORKER_CONCURRENCY: setting.integer(1, 64).default(2),
  /** Of a task's JavaScript heap. */
  TASK_MEMORY_MB: setting.integer(64, 1_000_000).default(4_096),
  /** How long tasks may go on once the worker is told to stop. */
  DRAIN_SECONDS: setting.integer(0, 86_400).default(30),
});
export type WorkerSettings = z.infer<typeof workerSettings>;
