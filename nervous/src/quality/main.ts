import { runProcess } from "@marquee/shared/service/run-process";
import { startQuality } from "./app.ts";
import { qualitySettings } from "./env.ts";

await runProcess({ service: "quality", settings: qualitySettings, start: startQuality });
