import type { EventBus } from "@marquee/shared/backing/event-bus/event-bus";
import { openEventBus } from "@marquee/shared/backing/event-bus/open-event-bus";
import { type DeadLetter, deadLetterSchema } from "@marquee/shared/contracts/dead-letter";
import { deadTopicOf, type LiveTopic } from "@marquee/shared/contracts/topics";
import { eventBusSettings } from "@marquee/shared/service/backing-settings";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLifecycle, type Lifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger, type Logger } from "@marquee/shared/service/logger";
import { createMetrics, type Metrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { expect } from "vitest";
import { z } from "zod";

/** A database with the event bus in it, and what a consumer needs. */
export interface BusHarness {
  database: TestDatabase;
  bus: EventBus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Publishes each value, as JSON unless it is text, under its own id where it has one. */
  publish(topic: LiveTopic, ...values: readonly (object | string)[]): Promise<void>;
  /** Resolves once the group has stored all that was published. */
  stored(group: string, topic: LiveTopic): Promise<void>;
  deadLetters(topic: LiveTopic): Promise<DeadLetter[]>;
  /** The value of a series, such as `live_films{model="rating",version="1"}`, without the service's label. */
  metric(series: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export async function createBusHarness(clock: Clock = systemClock): Promise<BusHarness> {
  const log = createLogger("test", "silent");
  const lifecycle = createLifecycle(log);
  const database = await createTestDatabase();
  const settings = z.object(eventBusSettings).parse({});
  const bus = await openEventBus({ settings, database, databaseUrl: database.url, log, clientId: "test" });
  lifecycle.onStop("event bus", () => bus.close());
  const metrics = createMetrics("test");
  return {
    ...{ database, bus, clock, log, metrics, lifecycle },
    publish: (topic, ...values) =>
      bus.publish(
        topic,
        values.map((value) => ({
          id: typeof value === "object" && "id" in value ? String(value.id) : uuidv7(systemClock),
          key: "one key",
          value: typeof value === "string" ? value : JSON.stringify(value),
        })),
      ),
    stored: (group, topic) =>
      expect.poll(() => bus.lag(group, [topic]), { timeout: 20_000, interval: 20 }).toEqual({ [topic]: 0 }),
    deadLetters: async (topic) => {
      const rows = await database.query<{ value: string }>(
        "select value from bus_messages where topic = $1 order by seq",
        [deadTopicOf(topic)],
      );
      return rows.map(({ value }) => deadLetterSchema.parse(JSON.parse(value)));
    },
    metric: async (series) => {
      const lines = (await metrics.text())
        .replaceAll(/,?service="test"/g, "")
        .replaceAll("{}", "")
        .split("\n");
      const line = lines.find((one) => one.startsWith(`marquee_${series} `));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    },
    close: async () => {
      await lifecycle.stop();
      await database.close();
    },
  };
}
