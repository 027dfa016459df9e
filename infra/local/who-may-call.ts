import { isLoopback } from "@marquee/shared/service/loopback";
import type { LocalSettings } from "./env.ts";

/** Addresses under which this machine reaches itself by name. */
const LOCAL_HOSTS = new Set(["0.0.0.0", "127.0.0.1", "::", "::1"]);

/** How this machine names the host in an address: what listens on all of them is `localhost` to it. */
export function urlHost(host: string): string {
  return LOCAL_HOSTS.has(host) ? "localhost" : bracketed(host);
}

/** Whether a group of routes that start much work is there, and whether its callers need a token. */
type Access = "open" | "with a token" | "left out";

export interface RouteAccess {
  /** `/api`, with SCHEDULER_API_TOKEN. */
  api: Access;
  /** `/webhooks/alertmanager`, with ALERTMANAGER_WEBHOOK_TOKEN. */
  webhook: Access;
  /** `/features`, with FEATURE_SERVER_TOKEN: a historical join takes every core for a while. */
  features: Access;
}

/**
 * Who can reach the port could start trainings all day: where that may be more than this machine, such routes need their
 * token. Without one they are left out, and the start is not refused: predictions for others are what was asked for.
 */
export function accessOf(token: string | undefined, { HOST, MARQUEE_ENV }: Listening): Access {
  if (token !== undefined) return "with a token";
  // In production a proxy may stand before the port.
  return MARQUEE_ENV !== "production" && isLoopback(`http://${bracketed(HOST)}`) ? "open" : "left out";
}

type Listening = Pick<LocalSettings, "HOST" | "MARQUEE_ENV">;

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
