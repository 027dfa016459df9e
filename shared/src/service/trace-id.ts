import type { Clock } from "./clock.ts";
import { uuidv7 } from "./ids.ts";

/**
 * W3C Trace Context, 3.2: version, trace id, the caller's span, flags. Version 00 ends there; later ones may go on after
 * a dash. Small letters only.
 */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * What joins the log lines, events and answers of one request, across processes: the caller's, where its `traceparent`
 * header is valid, else a new one (a UUIDv7, so that trace ids sort by time).
 * @returns 32 hexadecimal digits
 */
export function traceIdOf(traceparent: string | string[] | undefined, clock: Clock): string {
  const [, version, traceId, more] = (typeof traceparent === "string" && TRACEPARENT.exec(traceparent)) || [];
  if (traceId !== undefined && (version !== "00" || more === undefined)) return traceId;
  return uuidv7(clock).replaceAll("-", "");
}
