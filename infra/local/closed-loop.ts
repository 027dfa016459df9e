import { mirrorModels } from "@marquee/shared/backing/tracking/mirror-models";
import type { BackgroundPart } from "./background.ts";
import type { LocalApp } from "./local-app.ts";
import type { PipelinesOptions } from "./start-pipelines.ts";

/**
 * What closes the loop around predictions, each part as its own process elsewhere. Loaded when it starts: nobody is to
 * wait for the first prediction because of it.
 */
export function closedLoop(app: LocalApp, options: PipelinesOptions): BackgroundPart[] {
  const { log, clock, lifecycle, metrics } = app;
  const { bus, database, objectStore, logStore, tracking } = options.backing;
  const common = { bus, clock, log, lifecycle };
  return [
    {
      name: "log lines",
      start: async () => {
        const { consumeLogs } = await import("@marquee/nervous/logs/consume-logs");
        return [await consumeLogs({ ...common, logStore, metrics: metrics.logs })];
      },
    },
    {
      name: "user events",
      start: async () => {
        const { consumeUserEvents } = await import("@marquee/nervous/events/consume-user-events");
        return [await consumeUserEvents({ ...common, database, metrics: metrics.events })];
      },
    },
    {
      name: "quality",
      start: async () => {
        const { watchQuality } = await import("@marquee/nervous/quality/watch-quality");
        const { QUALITY_INTERVAL_SECONDS, QUALITY_PSI_DAYS, QUALITY_PSI_MIN_PREDICTIONS } = app.options;
        return watchQuality({
          ...{ ...common, database, objectStore, metrics: metrics.quality },
          intervalSeconds: QUALITY_INTERVAL_SECONDS,
          psiDays: QUALITY_PSI_DAYS,
          psiMinPredictions: QUALITY_PSI_MIN_PREDICTIONS,
        });
      },
    },
    {
      name: "pipelines",
      start: async () => {
        const { startPipelines } = await import("./start-pipelines.ts");
        return startPipelines(app, options);
      },
    },
    ...(tracking === undefined
      ? []
      : [
          {
            name: "mirror of models",
            start: async () => {
              await mirrorModels({ database, clock, tracking, log });
              return [];
            },
          },
        ]),
  ];
}
