import { errorMessage } from "../../service/errors.ts";
import type { Check } from "../../service/http.ts";
import type { Logger } from "../../service/logger.ts";
import type { ProcessContext } from "../../service/run-process.ts";
import type { Database } from "../postgres/database.ts";
import type { EventBus } from "./event-bus.ts";
import type { EventPublisher } from "./event-publisher.ts";
import { type EventBusSettings, openEventBus } from "./open-event-bus.ts";
import { pause } from "./pause.ts";
import { shipLogs } from "./ship-logs.ts";
import { createEventPublisher } from "./spooled-publisher.ts";

/** Between two attempts to make the topics, in milliseconds. */
const RETRY_MS = 2_000;

const MEGABYTE = 1024 * 1024;

type PublishingContext = Pick<
  ProcessContext<unknown>,
  "service" | "clock" | "log" | "logRelay" | "metrics" | "lifecycle"
>;

export interface OpenPublishingOptions {
  settings: EventBusSettings & { DATABASE_URL: string };
  /** Of DATABASE_URL, migrated. */
  database: Database;
  context: PublishingContext;
  /** As of `openEventBus`. */
  topicPrefix?: string;
}

export interface Publishing {
  bus: EventBus;
  publisher: EventPublisher;
  /** For `/ready`: without the bus the process goes on, and what it publishes waits on the disk. */
  checks: Check[];
}

/**
 * What a process publishes through: the bus, its topics, the publisher, and the process's log lines on their way to
 * topic `logs`. The bus may be away: topics are made once it is there. Call it right after the database is open, so
 * that everything made later stops, and logs its end, before the publisher does.
 * @throws SETTINGS_INVALID, FOLDER_UNUSABLE, DISK_FULL
 */
export async function openPublishing(options: OpenPublishingOptions): Promise<Publishing> {
  const { settings, database, topicPrefix = "" } = options;
  const { service, clock, log, logRelay, metrics, lifecycle } = options.context;
  const databaseUrl = settings.DATABASE_URL;
  const bus = await openEventBus({ settings, database, databaseUrl, log, clientId: service, topicPrefix });
  lifecycle.onStop("event bus", () => bus.close());
  const publisher = await createEventPublisher({
    bus,
    folder: settings.SPOOL_FOLDER,
    maxBytes: settings.SPOOL_MAX_MEGABYTES * MEGABYTE,
    ...{ log, metrics, clock, service },
  });
  lifecycle.onStop("event publisher", () => publisher.stop());
  shipLogs({ relay: logRelay, publisher });
  const topics = applyTopicsOnceThere(bus, log, lifecycle.signal);
  const problem = async () => publisher.problem() ?? topics.problem() ?? (await pingProblem(bus));
  return { bus, publisher, checks: [{ name: "event bus", severity: "degraded", problem }] };
}

function applyTopicsOnceThere(bus: EventBus, log: Logger, signal: AbortSignal): { problem(): string | undefined } {
  let problem: string | undefined = "the topics are not made yet";
  async function apply(): Promise<void> {
    while (!signal.aborted) {
      try {
        await bus.applyTopics();
        problem = undefined;
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (problem !== errorMessage(error)) log.warn({ err: error }, "the event bus's topics are not made yet");
        problem = errorMessage(error);
        await pause(RETRY_MS, signal);
      }
    }
  }
  void apply();
  return { problem: () => problem };
}

async function pingProblem(bus: EventBus): Promise<string | undefined> {
  try {
    await bus.ping();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
