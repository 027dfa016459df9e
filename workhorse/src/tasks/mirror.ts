import { mirrorModels } from "@marquee/shared/backing/tracking/mirror-models";
import type { WorkContext } from "./work-context.ts";

/**
 * Brings runs, versions and aliases to the tracking server where one is configured. PostgreSQL is the truth and the next
 * mirror brings what this one could not, so a failure is a warning and no task fails by it.
 */
export async function mirrorIfTracked({ database, clock, tracking, log }: WorkContext): Promise<void> {
  if (!tracking) return;
  try {
    await mirrorModels({ database, clock, tracking, log });
  } catch (error) {
    log.warn({ err: error }, "models were not mirrored to the tracking server");
  }
}
