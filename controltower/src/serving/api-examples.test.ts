import { predictBatchResponseSchema, predictionSchema } from "@marquee/shared/contracts/prediction";
import { problemSchema } from "@marquee/shared/contracts/problem";
import { userEventReceiptSchema } from "@marquee/shared/contracts/user-event";
import { ERRORS, MarqueeError } from "@marquee/shared/service/errors";
import { expect, test } from "vitest";
import {
  BATCH_RESPONSE_EXAMPLES,
  bodyExamples,
  PREDICTION_EXAMPLES,
  PROBLEM_EXAMPLES,
  RECEIPT_EXAMPLES,
} from "./api-examples.ts";
import { parseBatchRequest, parsePredictRequest } from "./parse-request.ts";
import { parseUserEvent } from "./parse-user-event.ts";

const { predict, predictBatch, recordUserEvent } = bodyExamples();

test.each(Object.entries(predict))("the example request %s is understood", (_name, { value }) => {
  expect(parsePredictRequest(value)).not.toBeInstanceOf(MarqueeError);
});

test.each(Object.entries(predictBatch))("the example batch %s is understood", (_name, { value }) => {
  expect(parseBatchRequest(value)).toEqual(value.items);
  for (const item of value.items) expect(parsePredictRequest(item)).not.toBeInstanceOf(MarqueeError);
});

test.each(Object.entries(recordUserEvent))("the example event %s is understood", (_name, { value }) => {
  expect(parseUserEvent(value, new Date("2026-07-01T20:20:00Z"))).toEqual(value);
});

test.each([
  ...Object.entries(PREDICTION_EXAMPLES).map(([name, { value }]) => [name, predictionSchema, value] as const),
  ...Object.entries(BATCH_RESPONSE_EXAMPLES).map(
    ([name, { value }]) => [name, predictBatchResponseSchema, value] as const,
  ),
  ...Object.entries(RECEIPT_EXAMPLES).map(([name, { value }]) => [name, userEventReceiptSchema, value] as const),
  ...Object.entries(PROBLEM_EXAMPLES).map(([name, { value }]) => [name, problemSchema, value] as const),
])("the example answer %s has its contract's form", (_name, schema, value) => {
  expect(schema.safeParse(value).error).toBeUndefined();
});

test.each(Object.values(PROBLEM_EXAMPLES))("$summary has its code's title and status", ({ value }) => {
  const { title, statusCode } = ERRORS[value.code];
  expect(value).toMatchObject({ title, status: statusCode });
});
