import type { Clock } from "@marquee/shared/service/clock";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { LogRelay } from "@marquee/shared/service/log-relay";
import type { Logger } from "@marquee/shared/service/logger";
import type { LocalOptions } from "./options.ts";
import type { PartMetrics } from "./part-metrics.ts";
import type { Profile } from "./profile.ts";
import type { Reporter } from "./reporter.ts";

/** What every part of `npm start` has. */
export interface LocalApp {
  options: LocalOptions;
  profile: Profile;
  clock: Clock;
  /** To the profile's folder, and to whom the relay hands the lines. */
  log: Logger;
  logRelay: LogRelay;
  metrics: PartMetrics;
  lifecycle: Lifecycle;
  reporter: Reporter;
}
