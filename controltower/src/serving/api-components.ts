import { currentModelSchema } from "@marquee/shared/contracts/model-version";
import {
  predictBatchRequestSchema,
  predictBatchResponseSchema,
  predictionSchema,
  predictRequestSchema,
} from "@marquee/shared/contracts/prediction";
import { problemSchema } from "@marquee/shared/contracts/problem";
import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { userEventReceiptSchema, userEventRequestSchema } from "@marquee/shared/contracts/user-event";
import { z } from "zod";
import { modelHistorySchema } from "./model-history.ts";

/** The API's named schemas: contracts under the names that clients will know them by. */
const NAMED_SCHEMAS = {
  PredictRequest: predictRequestSchema,
  PredictBatchRequest: predictBatchRequestSchema,
  PredictBatchResponse: predictBatchResponseSchema,
  Prediction: predictionSchema,
  UserEventRequest: userEventRequestSchema,
  UserEventReceipt: userEventReceiptSchema,
  CurrentModel: currentModelSchema,
  ModelHistory: modelHistorySchema,
  Problem: problemSchema,
  CalendarDate: calendarDateSchema,
} as const;

export type JsonSchema = Record<string, unknown>;

/** Points to a named schema from anywhere in the API's description. */
export function schemaRef(name: keyof typeof NAMED_SCHEMAS): JsonSchema {
  return { $ref: referenceTo(name) };
}

/**
 * The contracts as JSON Schema, for the API's description. All in their input form: what an answer holds is what a
 * client would have to send, since contracts only give names to plain values (a TmdbId is a number).
 */
export function apiComponents(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED_SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: "input",
    uri: referenceTo,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === calendarDateSchema) Object.assign(jsonSchema, { format: "date", examples: ["2027-05-01"] });
      // A batch reads its items one by one, so that a wrong one fails alone; this is what each should be.
      if (zodSchema === predictBatchRequestSchema.shape.items.element) {
        Object.assign(jsonSchema, schemaRef("PredictRequest"));
      }
    },
  });
  return Object.fromEntries(
    Object.entries<JsonSchema>(schemas).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, schema]),
  );
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}
