import { loadSettings, setting } from "@marquee/shared/service/env";
import { LOG_LEVELS } from "@marquee/shared/service/logger";
import { taskSettings } from "../tasks/env.ts";
import { openWorkContext } from "../tasks/open-work-context.ts";
import { TASK_TABLE } from "../tasks/task-table.ts";
import { runTaskProcess } from "./run-task-process.ts";

// The process of one task: forked by the worker, gone when the task has ended.
const settings = loadSettings(taskSettings.extend({ LOG_LEVEL: setting.oneOf(LOG_LEVELS).default("info") }));

await runTaskProcess({
  tasks: TASK_TABLE,
  openContext: (options) => openWorkContext({ settings, ...options }),
  logLevel: settings.LOG_LEVEL,
});
