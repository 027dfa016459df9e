import { z } from "zod";
import { instantSchema } from "./time.ts";
import { LIVE_TOPICS, type LiveTopic } from "./topics.ts";

/** On `<topic>.dead`: a message that a consumer could not read or store, as it came, and why. */
export const deadLetterSchema = z.strictObject({
  reason: z.string(),
  failedAt: instantSchema,
  topic: z.enum(LIVE_TOPICS as [LiveTopic, ...LiveTopic[]]).describe("Where it came from"),
  id: z.string(),
  key: z.string(),
  value: z.string().describe("The message's content, whether it is JSON or not"),
  cut: z.literal(true).optional().describe("Only the value's beginning is kept: the whole was too large for the topic"),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;
