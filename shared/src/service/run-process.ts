import { pino } from "pino";
import { z } from "zod";
import { type Clock, systemClock } from "./clock.ts";
import { loadSettings, setting } from "./env.ts";
import { DO_NOT, errorMessage, explain, isMarqueeError, TRY_AGAIN } from "./errors.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLogRelay, type LogRelay } from "./log-relay.ts";
import { createLogger, LOG_LEVELS, type Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

/** What every long-running process of the product has. */
export interface ProcessContext<Settings> {
  /** As it stands in logs and metrics. */
  service: string;
  settings: Settings;
  clock: Clock;
  /** To standard output, and to whom the relay hands the lines. */
  log: Logger;
  logRelay: LogRelay;
  metrics: Metrics;
  lifecycle: Lifecycle;
}

export interface ProcessOptions<Schema extends z.ZodObject> {
  /** As it stands in logs and metrics: `serving`, `scheduler`, `worker`, `logs`, `events`, `quality`. */
  service: string;
  settings: Schema;
  /** Builds everything, registers each part's stop, and returns once the process does its work. */
  start(context: ProcessContext<z.infer<Schema>>): Promise<void>;
}

/**
 * A process from its first line to its exit code: settings, logger, signals. SIGTERM and SIGINT stop it clean, with
 * code 0. One that cannot start says why in one line of its log and ends with 75 where trying again can help, else 1.
 * So does one that an error ends which nobody caught; what waits to be sent is kept first.
 */
export async function runProcess<Schema extends z.ZodObject>(options: ProcessOptions<Schema>): Promise<void> {
  const { service, start } = options;
  const logRelay = createLogRelay();
  const destination = pino.multistream([
    { stream: process.stdout, level: "trace" },
    { stream: logRelay.stream, level: "trace" },
  ]);
  const log = createLogger(service, logLevel(), destination);
  const lifecycle = createLifecycle(log);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void lifecycle.stop());
  const onUncaught = (error: unknown) => {
    process.exitCode = DO_NOT;
    log.fatal({ err: error }, `ended by an error that nobody caught: ${errorMessage(error)}`);
    void lifecycle.stop().finally(() => process.exit());
  };
  process.once("uncaughtException", onUncaught).once("unhandledRejection", onUncaught);
  try {
    const settings = loadSettings(options.settings);
    await start({ service, settings, clock: systemClock, log, logRelay, metrics: createMetrics(service), lifecycle });
    log.info("started");
    await aborted(lifecycle.signal);
    log.info("stopping");
  } catch (thrown) {
    if (!lifecycle.stopping) {
      const error = explain(thrown);
      process.exitCode = isMarqueeError(error) && error.retriable ? TRY_AGAIN : DO_NOT;
      log.fatal({ err: error }, `could not start: ${errorMessage(error)}`);
    }
  }
  await lifecycle.stop();
  process.exit();
}

/** Read by itself, so that a wrong setting elsewhere is told in the log's form. */
function logLevel() {
  const { LOG_LEVEL } = loadSettings(z.object({ LOG_LEVEL: setting.oneOf(LOG_LEVELS).catch("info") }));
  return LOG_LEVEL;
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
