import type { FastifySchema } from "fastify";
import { type JsonSchema, schemaRef } from "./api-components.ts";
import { BATCH_RESPONSE_EXAMPLES, PREDICTION_EXAMPLES, PROBLEM_EXAMPLES, RECEIPT_EXAMPLES } from "./api-examples.ts";

/** What a route's description holds beside Fastify's own keys: OpenAPI's. */
type RouteDocs = FastifySchema & { operationId: string; summary: string; description: string; tags: string[] };

type ProblemName = keyof typeof PROBLEM_EXAMPLES;

function jsonOf(schema: JsonSchema, examples?: object): JsonSchema {
  return { "application/json": { schema, ...(examples ? { examples } : {}) } };
}

function problem(description: string, ...names: ProblemName[]): JsonSchema {
  const examples = Object.fromEntries(names.map((name) => [name, PROBLEM_EXAMPLES[name]]));
  const shown = names.length === 0 ? {} : { examples };
  return { description, content: { "application/problem+json": { schema: schemaRef("Problem"), ...shown } } };
}

const RETRY_AFTER = { "retry-after": { type: "integer", description: "Seconds after which to try again" } };

const BODY_PROBLEMS = {
  400: problem(
    "The body is not JSON, or a field is not as expected: errors names each",
    "requestInvalid",
    "bodyNotJson",
  ),
  413: problem("The body is over 4 MiB", "bodyTooLarge"),
  415: problem("The body is of another type than application/json", "mediaType"),
};

const UNAVAILABLE = {
  ...problem("Not ready: no model in production yet, or no features", "noChampion"),
  headers: RETRY_AFTER,
};

export const PREDICT_DOCS: RouteDocs = {
  operationId: "predict",
  tags: ["predictions"],
  summary: "Predict a film's rating",
  description:
    "A film of the catalog by its id, or any film by description: give what is known and leave out the rest. Names that the catalog does not know count as newcomers; keys that the API does not know are refused.",
  body: schemaRef("PredictRequest"),
  response: {
    200: { description: "The prediction", content: jsonOf(schemaRef("Prediction"), PREDICTION_EXAMPLES) },
    ...BODY_PROBLEMS,
    404: problem("The catalog does not know the film", "filmUnknown"),
    503: UNAVAILABLE,
  },
};

export const PREDICT_BATCH_DOCS: RouteDocs = {
  operationId: "predictBatch",
  tags: ["predictions"],
  summary: "Predict the ratings of up to 1,000 films",
  description:
    "Each item is what `POST /predict` takes, and has its own result or problem, in the same order: a wrong item does not fail the rest.",
  body: schemaRef("PredictBatchRequest"),
  response: {
    200: {
      description: "A prediction or a problem for each item",
      content: jsonOf(schemaRef("PredictBatchResponse"), BATCH_RESPONSE_EXAMPLES),
    },
    ...BODY_PROBLEMS,
    503: UNAVAILABLE,
  },
};

export const USER_EVENT_DOCS: RouteDocs = {
  operationId: "recordUserEvent",
  tags: ["events"],
  summary: "Tell what a user did with a film",
  description:
    "A rating, a click, the start or end of watching, or a click on a recommendation. The answer comes once the event is kept; sent again it counts again. Users are pseudonyms that the sender gives.",
  body: schemaRef("UserEventRequest"),
  response: {
    202: {
      description: "The event is kept, and under which id",
      content: jsonOf(schemaRef("UserEventReceipt"), RECEIPT_EXAMPLES),
    },
    ...BODY_PROBLEMS,
    503: { ...problem("The event can be kept nowhere now"), headers: RETRY_AFTER },
  },
};

export const CURRENT_MODEL_DOCS: RouteDocs = {
  operationId: "currentModel",
  tags: ["models"],
  summary: "The model in production",
  description: "Its version and metrics, since when it answers, who put it there and why.",
  response: {
    200: { description: "The model that answers", content: jsonOf(schemaRef("CurrentModel")) },
    503: UNAVAILABLE,
  },
};

export const MODEL_HISTORY_DOCS: RouteDocs = {
  operationId: "modelHistory",
  tags: ["models"],
  summary: "How models came and went",
  description: "The latest 100 moves of the aliases champion, challenger and previous, the latest first.",
  response: {
    200: { description: "The moves", content: jsonOf(schemaRef("ModelHistory")) },
    503: { ...problem("The registry cannot be reached"), headers: RETRY_AFTER },
  },
};
