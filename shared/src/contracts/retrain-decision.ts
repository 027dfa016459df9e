import { z } from "zod";
import { instantSchema } from "./time.ts";

/** What the retrain governor can answer to an alert. The first is a yes. */
export const RETRAIN_CODES = [
  "ACCEPTED",
  "ALREADY_ACTED_UPON",
  "ALREADY_RUNNING",
  "TOO_MANY_TODAY",
  "COOLING_DOWN",
  "NO_NEW_RATINGS",
  "TOO_FEW_NEW_RATINGS",
] as const;
export type RetrainCode = (typeof RETRAIN_CODES)[number];

/** Of `GET /api/decisions`: an alert that asked for a retrain, and the answer. */
export const retrainDecisionSchema = z.strictObject({
  decisionId: z.uuid(),
  fingerprint: z.string(),
  startsAt: instantSchema,
  alertName: z.string(),
  accepted: z.boolean(),
  code: z.enum(RETRAIN_CODES),
  reason: z.string(),
  runId: z.uuid().nullable().describe("The run that was started"),
  times: z.int().min(1).describe("How often the alert came and was answered so"),
  decidedAt: instantSchema,
  lastSeenAt: instantSchema,
});
export type RetrainDecision = z.infer<typeof retrainDecisionSchema>;

/** Of the answer to `POST /webhooks/alertmanager`: one for each alert, in its order. */
export const alertAnswerSchema = z.strictObject({
  fingerprint: z.string(),
  alertName: z.string(),
  accepted: z.boolean(),
  code: z.enum([...RETRAIN_CODES, "NOT_FOR_RETRAIN", "RESOLVED"]),
  reason: z.string(),
  runId: z.uuid().nullable(),
});
export type AlertAnswer = z.infer<typeof alertAnswerSchema>;
