import { type UserEventRequest, userEventRequestSchema } from "@marquee/shared/contracts/user-event";
import { MarqueeError } from "@marquee/shared/service/errors";
import { parseBody, requestInvalid, shown } from "./field-errors.ts";

/** Clocks of phones and browsers are off by a little; by more than this it is a mistake, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Events of old may be brought in, but the year 0 no database knows: it would be taken, and never stored. */
const EARLIEST_MS = Date.parse("1900-01-01T00:00:00Z");

/**
 * Reads the body of `POST /events`.
 * @returns the event, or a REQUEST_INVALID that names every wrong field; one that lies in the future is wrong too, since
 * it would outlast everything that its user does until then
 */
export function parseUserEvent(body: unknown, now: Date): UserEventRequest | MarqueeError {
  const parsed = parseBody(userEventRequestSchema, body);
  if (parsed instanceof MarqueeError) return parsed;
  const { at } = parsed.data;
  const happened = at === undefined ? now.getTime() : Date.parse(at);
  const refuse = (message: string) => requestInvalid([{ path: "at", message: `${message}; given: ${shown(at)}` }]);
  if (happened > now.getTime() + CLOCK_SKEW_MS) return refuse("must not lie in the future");
  if (happened < EARLIEST_MS) return refuse("must not lie before the year 1900");
  return parsed.data;
}
