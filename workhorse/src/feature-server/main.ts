import { runProcess } from "@marquee/shared/service/run-process";
import { featureServerSettings } from "./env.ts";
import { startFeatureServer } from "./start-feature-server.ts";

await runProcess({ service: "feature-server", settings: featureServerSettings, start: startFeatureServer });
