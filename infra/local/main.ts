import { join } from "node:path";
import { systemClock } from "@marquee/shared/service/clock";
import { DO_NOT, explain, isMarqueeError, TRY_AGAIN } from "@marquee/shared/service/errors";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogRelay } from "@marquee/shared/service/log-relay";
import { createLogger, type Logger } from "@marquee/shared/service/logger";
import { makeFolder } from "@marquee/shared/service/make-folder";
import { pino } from "pino";
import { startLocal } from "./app.ts";
import { HELP } from "./help.ts";
import { readOptions } from "./options.ts";
import { createPartMetrics } from "./part-metrics.ts";
import { chooseProfile } from "./profile.ts";
import { createReporter } from "./reporter.ts";

/** A signal within this time of the first is its echo, in milliseconds. */
const SECOND_THOUGHT_MS = 1_000;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(HELP);
    return;
  }
  const profile = chooseProfile(options);
  makeFolder(profile.folder);
  const logRelay = createLogRelay();
  const logFile = join(profile.folder, "marquee.log");
  const destination = pino.multistream([
    { stream: pino.destination({ dest: logFile, sync: true }), level: "trace" },
    { stream: logRelay.stream, level: "trace" },
  ]);
  const log = createLogger("local", options.LOG_LEVEL, destination);
  const lifecycle = createLifecycle(log);
  const reporter = createReporter(process.stdout);

  let firstSignalAt = 0;
  const onSignal = () => {
    if (!lifecycle.stopping) {
      firstSignalAt = Date.now();
      reporter.line("\nStopping …");
      void lifecycle.stop();
      // npm passes on the Ctrl-C that the terminal has sent us already: only a later one is a second thought.
    } else if (Date.now() - firstSignalAt > SECOND_THOUGHT_MS) process.exit(1);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    const metrics = createPartMetrics();
    await startLocal({ options, profile, clock: systemClock, log, logRelay, metrics, lifecycle, reporter });
    await stopped(lifecycle.signal);
  } catch (error) {
    if (!lifecycle.stopping) fail(error, log, logFile);
  }
  await lifecycle.stop();
  if (process.exitCode === undefined)
    reporter.line("Stopped. What was done is kept; the next start goes on from here.");
  process.exit();
}

function stopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

function fail(thrown: unknown, log?: Logger, logFile?: string): void {
  const error = explain(thrown);
  process.exitCode = isMarqueeError(error) && error.retriable ? TRY_AGAIN : DO_NOT;
  log?.fatal({ err: error }, "could not go on");
  if (isMarqueeError(error)) console.error(`\n${error.message} [${error.code}]`);
  else
    console.error(
      `\nSomething unexpected went wrong: ${String(error)}${logFile ? `. ${logFile} has the details` : ""}.`,
    );
}

main().catch((error: unknown) => fail(error));
