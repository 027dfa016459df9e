import type { EventPublisher } from "@marquee/shared/backing/event-bus/event-publisher";
import type { Instant } from "@marquee/shared/contracts/time";
import type { UserEvent, UserEventReceipt } from "@marquee/shared/contracts/user-event";
import { type Clock, instantOf } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { parseUserEvent } from "./parse-user-event.ts";

/**
 * Takes what a user did and sends it to topic `events.user`.
 * @returns once it is in the bus or on this machine's disk: the sender may forget it
 * @throws REQUEST_INVALID; SPOOL_FULL where it can be kept nowhere
 */
export type UserEventIntake = (body: unknown, traceId: string) => Promise<UserEventReceipt>;

export function createUserEventIntake(publisher: Pick<EventPublisher, "publish">, clock: Clock): UserEventIntake {
  return async (body, traceId) => {
    const request = parseUserEvent(body, clock.now());
    if (request instanceof MarqueeError) throw request;
    const id = uuidv7(clock);
    const receivedAt = instantOf(clock);
    const at = request.at === undefined ? receivedAt : (new Date(request.at).toISOString() as Instant);
    const event: UserEvent = { ...request, at, id, receivedAt, traceId };
    // A user's events keep their order.
    await publisher.publish("events.user", { id, key: request.userId, value: JSON.stringify(event) });
    return { id };
  };
}
