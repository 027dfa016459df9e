import { z } from "zod";
import { instantSchema } from "./time.ts";

/** What every log line of every process has; the rest is the line's own. */
export const logLineSchema = z.looseObject({
  id: z.uuid().describe("Made where the line was written, so that it is stored once however often it is delivered"),
  time: instantSchema,
  level: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]),
  service: z.string().min(1),
  instance: z.string().min(1).describe("Service, host and process id of the writer"),
  msg: z.string().optional(),
  traceId: z.string().optional().describe("The request or pipeline run that the line belongs to"),
});
export type LogLine = z.infer<typeof logLineSchema>;
