import { runProcess } from "@marquee/shared/service/run-process";
import { servingSettings } from "./env.ts";
import { startServing } from "./start-serving.ts";

await runProcess({ service: "serving", settings: servingSettings, start: startServing });
