import { runProcess } from "@marquee/shared/service/run-process";
import { startEvents } from "./app.ts";
import { eventsSettings } from "./env.ts";

await runProcess({ service: "events", settings: eventsSettings, start: startEvents });
