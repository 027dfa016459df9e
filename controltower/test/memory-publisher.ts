import type { BusMessage } from "@marquee/shared/backing/event-bus/event-bus";
import type { EventPublisher } from "@marquee/shared/backing/event-bus/event-publisher";
import type { TopicName } from "@marquee/shared/contracts/topics";
import { MarqueeError } from "@marquee/shared/service/errors";

/** A publisher that keeps what it is given. */
export interface MemoryPublisher extends EventPublisher {
  offered: (BusMessage & { topic: TopicName })[];
  published: (BusMessage & { topic: TopicName })[];
  /** Where messages can be kept nowhere. */
  full: boolean;
}

export function createMemoryPublisher(): MemoryPublisher {
  const publisher: MemoryPublisher = {
    offered: [],
    published: [],
    full: false,
    offer: (topic, message) => {
      publisher.offered.push({ topic, ...message });
    },
    publish: async (topic, message) => {
      if (publisher.full) throw new MarqueeError("SPOOL_FULL", "The spool in /var/spool is full.");
      publisher.published.push({ topic, ...message });
    },
    problem: () => undefined,
    stop: async () => {},
  };
  return publisher;
}
