import { type UserEventRequest, userEventRequestSchema } from "@marquee/shared/contracts/user-event";
import { MarqueeError } from "@marquee/shared/service/errors";
import { parseBody, requestInvalid, shown } from "./field-errors.ts";

/** Clocks of phones and browsers are off by a little; by more than this it is a mistake, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Reads the body of `POST /events`.
 * @returns the event, or a REQUEST_INVALID that names every wrong field; one that lies in the future is wrong too, since
 * it would outlast everything that its user does until then
 */
export function parseUserEvent(body: unknown, now: Date): UserEventRequest | MarqueeError {
  const parsed = parseBody(userEventRequestSchema, body);
  if (parsed instanceof MarqueeError) return parsed;
  const { at } = parsed.data;
  if (at !== undefined && Date.parse(at) > now.getTime() + CLOCK_SKEW_MS) {
    return requestInvalid([{ path: "at", message: `must not lie in the future; given: ${shown(at)}` }]);
  }
  return parsed.data;
}
