import { runProcess } from "@marquee/shared/service/run-process";
import { startLogs } from "./app.ts";
import { logsSettings } from "./env.ts";

await runProcess({ service: "logs", settings: logsSettings, start: startLogs });
