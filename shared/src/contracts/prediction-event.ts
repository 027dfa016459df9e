import { z } from "zod";
import { tmdbIdSchema } from "./ids.ts";
import { modelRefSchema } from "./prediction.ts";
import { calendarDateSchema, instantSchema } from "./time.ts";

/** One prediction as it was answered, on topic `predictions`. */
export const predictionEventSchema = z.strictObject({
  id: z.uuid(),
  at: instantSchema,
  traceId: z.string(),
  tmdbId: tmdbIdSchema.nullable().describe("null for a film that was described"),
  model: modelRefSchema,
  asOf: calendarDateSchema,
  rating: z.number().min(0).max(10),
  interval: z.strictObject({ lower: z.number(), upper: z.number() }),
  actualKnown: z
    .boolean()
    .describe("Whether the film's rating was mature already: then the prediction says nothing about live error"),
  missing: z.array(z.string()),
  stale: z.array(z.string()),
});
export type PredictionEvent = z.infer<typeof predictionEventSchema>;
