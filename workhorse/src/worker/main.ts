import { runProcess } from "@marquee/shared/service/run-process";
import { startWorker } from "./app.ts";
import { workerSettings } from "./env.ts";

await runProcess({ service: "worker", settings: workerSettings, start: startWorker });
