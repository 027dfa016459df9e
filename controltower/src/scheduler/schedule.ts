import type { Database } from "@marquee/shared/backing/postgres/database";
import { type PipelineDescription, pipelineSchema } from "@marquee/shared/contracts/pipeline-run";
import type { Logger } from "@marquee/shared/service/logger";
import { createTask, type ScheduledTask } from "node-cron";
import { DEFAULT_RETRIES, type Pipeline, tasksOf } from "./pipelines/pipeline.ts";
import type { Runs } from "./runs.ts";

export interface ScheduleOptions {
  database: Database;
  runs: Runs;
  log: Logger;
  pipelines: readonly Pipeline[];
  /** Cron expressions by pipeline; a pipeline without one is never started by time. */
  crons: Readonly<Record<string, string>>;
  /** As the IANA names it. */
  timeZone: string;
}

export interface Schedule {
  describe(): PipelineDescription[];
  /** What a tick does; with any number of schedulers the moment has one run. */
  tick(pipeline: Pipeline, moment: Date): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts pipelines by the clock. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { database, runs, log, pipelines, crons, timeZone } = options;
  const ticking = new Set<Promise<void>>();

  async function tick(pipeline: Pipeline, moment: Date): Promise<void> {
    const tick = moment.toISOString();
    const reason = `Its schedule: ${crons[pipeline.name]}, ${timeZone}.`;
    try {
      const runId = await database.transaction((tx) =>
        runs.create(tx, { pipeline, trigger: "schedule", by: "scheduler", reason, tick }),
      );
      if (runId === undefined) {
        log.info({ pipeline: pipeline.name, tick }, "no run for this tick: it has one, or the pipeline still runs");
      }
    } catch (error) {
      log.error({ err: error, pipeline: pipeline.name, tick }, "could not start a run for this tick");
    }
  }

  const timers = new Map<string, ScheduledTask>();
  for (const pipeline of pipelines) {
    const cron = crons[pipeline.name];
    if (cron === undefined) continue;
    const onTick = ({ date }: { date: Date }) => {
      const ticked = tick(pipeline, date);
      ticking.add(ticked);
      return ticked.finally(() => ticking.delete(ticked));
    };
    timers.set(
      pipeline.name,
      createTask(cron, onTick, { name: pipeline.name, timezone: timeZone, logger: forCron(log) }),
    );
  }
  return {
    tick,
    describe: () => pipelines.map((pipeline) => describe(pipeline, options, timers.get(pipeline.name))),
    start: async () => {
      for (const timer of timers.values()) await timer.start();
    },
    stop: async () => {
      for (const timer of timers.values()) await timer.destroy();
      await Promise.all(ticking);
    },
  };
}

function describe(
  pipeline: Pipeline,
  { crons, timeZone }: ScheduleOptions,
  timer: ScheduledTask | undefined,
): PipelineDescription {
  const cron = crons[pipeline.name];
  return pipelineSchema.parse({
    name: pipeline.name,
    description: pipeline.description,
    schedule: cron === undefined ? null : { cron, timeZone, next: timer?.getNextRun()?.toISOString() ?? null },
    tasks: tasksOf(pipeline).map(({ task, definition }) => ({
      task,
      after: definition.after ?? [],
      timeLimitSeconds: definition.timeLimitSeconds,
      retries: definition.retries ?? DEFAULT_RETRIES,
    })),
  });
}

/** node-cron tells of ticks that came late, because the process was held up or the machine slept. */
function forCron(log: Logger) {
  return {
    info: (message: string) => log.info(message),
    warn: (message: string) => log.warn(message),
    error: (message: string | Error, error?: Error) => log.error({ err: error ?? message }, "a schedule met an error"),
    debug: (message: string | Error) => log.debug({ message }, "schedule"),
  };
}
