import type { EventBus } from "@marquee/shared/backing/event-bus/event-bus";
import type { Clock } from "@marquee/shared/service/clock";
import type { Check } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import type { Metrics } from "@marquee/shared/service/metrics";
import { type ConsumerMetrics, createConsumerMetrics } from "./consumer-metrics.ts";
import { type Sink, storeBatch } from "./store-batch.ts";

/** Between two looks at what waits, in milliseconds: no longer than Prometheus takes from scrape to scrape. */
const LAG_INTERVAL_MS = 5_000;

/** What every consumer needs beside its sink. */
export interface ConsumerOptions {
  bus: EventBus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
}

export interface ConsumeTopicOptions<Event extends { id: string }> extends ConsumerOptions {
  sink: Sink<Event>;
}

/**
 * Brings a topic's messages into its sink until the lifecycle ends, and measures how many wait.
 * Nothing is logged of a batch that went well: log lines come over the bus too, and each would bring forth another.
 * @returns the check for `/ready`
 */
export async function consumeTopic<Event extends { id: string }>(options: ConsumeTopicOptions<Event>): Promise<Check> {
  const { sink, bus, clock, log, lifecycle } = options;
  const metrics = createConsumerMetrics(options.metrics);
  const { topic, group } = sink;
  const consumer = await bus.consume({
    group,
    topics: [topic],
    handle: (messages) => storeBatch(messages, { sink, bus, clock, log, metrics }),
  });
  lifecycle.onStop(`consumer of ${topic}`, () => consumer.stop());
  watchLag({ sink, bus, log, metrics, lifecycle });
  return { name: `consumer of ${topic}`, severity: "required", problem: () => consumer.problem() };
}

interface LagOptions {
  sink: Pick<Sink<never>, "topic" | "group">;
  bus: EventBus;
  log: Logger;
  metrics: ConsumerMetrics;
  lifecycle: Lifecycle;
}

function watchLag({ sink: { topic, group }, bus, log, metrics, lifecycle }: LagOptions): void {
  let looking: Promise<void> | undefined;
  const look = async () => {
    try {
      metrics.lag(topic, (await bus.lag(group, [topic]))[topic]);
    } catch (error) {
      log.debug({ err: error, topic }, "how many messages wait is not known");
      metrics.lag(topic, undefined);
    }
  };
  const lookUnlessLooking = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  };
  lookUnlessLooking();
  const timer = setInterval(lookUnlessLooking, LAG_INTERVAL_MS);
  lifecycle.onStop(`lag of ${topic}`, async () => {
    clearInterval(timer);
    await looking;
  });
}
