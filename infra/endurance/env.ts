import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** How much the endurance tests do. `npm run test:endurance` sets both; unset is what `.ci/run` runs. */
export const enduranceSettings = z.object({
  ENDURANCE_SCALE: setting.oneOf(["ci", "full"]).default("ci"),
  ENDURANCE_SEED: setting.integer(1, 2_147_483_647).default(1),
});

/** What `npm run test:endurance` needs: without a server the tests would skip. */
export const runnerSettings = z.object({
  DATABASE_URL: setting.url("postgres", "postgresql"),
});

/** The variables of a process that runs the tests at this scale: everything that this one has, and these. */
export function variablesAt(scale: string, seed: string): NodeJS.ProcessEnv {
  return { ...process.env, ENDURANCE_SCALE: scale, ENDURANCE_SEED: seed };
}
