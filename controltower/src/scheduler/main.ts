import { runProcess } from "@marquee/shared/service/run-process";
import { startScheduler } from "./app.ts";
import { schedulerSettings } from "./env.ts";

await runProcess({ service: "scheduler", settings: schedulerSettings, start: startScheduler });
