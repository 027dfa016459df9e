import type { Database } from "@marquee/shared/backing/postgres/database";
import { type UserEvent, userEventSchema } from "@marquee/shared/contracts/user-event";
import type { Check } from "@marquee/shared/service/http";
import { type ConsumerOptions, consumeTopic } from "../consume-topic.ts";
import { storeUserEvents } from "./store-user-events.ts";

export interface UserEventsOptions extends ConsumerOptions {
  database: Database;
}

/** Brings what users did from topic `events.user` into `user_events` and `user_ratings`, until the lifecycle ends. */
export function consumeUserEvents({ database, ...options }: UserEventsOptions): Promise<Check> {
  return consumeTopic<UserEvent>({
    ...options,
    sink: {
      topic: "events.user",
      group: "events",
      contract: userEventSchema,
      store: (events) => storeUserEvents(database, events),
    },
  });
}
