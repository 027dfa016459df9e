import type { TopicName } from "@marquee/shared/contracts/topics";
import type { Metrics } from "@marquee/shared/service/metrics";

/** What every consumer measures of itself. */
export interface ConsumerMetrics {
  consumed(topic: TopicName, outcome: "stored" | "dead" | "dropped", messages: number): void;
  /** @param messages undefined where nobody knows now: then there is no figure, rather than an old one */
  lag(topic: TopicName, messages: number | undefined): void;
}

export function createConsumerMetrics(metrics: Metrics): ConsumerMetrics {
  const consumed = metrics.counter({
    name: "messages_consumed_total",
    help: "Messages received, by outcome: stored, dead (in the dead-letter topic), or dropped (of an erased user); one that comes again counts again",
    labels: ["topic", "outcome"],
  });
  const lag = metrics.gauge({
    name: "consumer_lag_messages",
    help: "Messages of the topic that this consumer's group has still to store",
    labels: ["topic"],
  });
  return {
    consumed: (topic, outcome, messages) => consumed.inc({ topic, outcome }, messages),
    lag: (topic, messages) => {
      if (messages === undefined) lag.remove({ topic });
      else lag.set({ topic }, messages);
    },
  };
}
