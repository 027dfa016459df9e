import { setting } from "@marquee/shared/service/env";
import { z } from "zod";

/** How much the endurance tests do. `npm run test:endurance` sets both; unset is what `.ci/run` runs. */
export const enduranceSettings = z.object({
  ENDURANCE_SCALE: setting.oneOf(["ci", "full"]).default("ci"),
  ENDURANCE_SEED: setting.integer(1, 2_147_483_647).default(1),
});

/** Where trials keep their objects: an S3 server, with the credentials that its client looks for; unset: a folder. */
export const objectStoreVariables = z.object({
  OBJECT_STORE_URL: setting.url("s3").optional(),
  S3_ENDPOINT: setting.url("https", "http").optional(),
  AWS_REGION: setting.text().optional(),
  AWS_ACCESS_KEY_ID: setting.text().optional(),
  AWS_SECRET_ACCESS_KEY: setting.text().optional(),
});

/** What `npm run test:endurance` needs: without a server the tests would skip. */
export const runnerSettings = z.object({
  DATABASE_URL: setting.url("postgres", "postgresql"),
});

/** The variables of a process that runs the tests at this scale: everything that this one has, and these. */
export function variablesAt(scale: string, seed: string): NodeJS.ProcessEnv {
  return { ...process.env, ENDURANCE_SCALE: scale, ENDURANCE_SEED: seed };
}
