import { type CurrentModel, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { problemOf } from "@marquee/shared/contracts/problem";
import type { Registry } from "@marquee/shared/registry/registry";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { modelHistoryOf } from "./model-history.ts";
import type { HeldModel, ModelHolder } from "./model-holder.ts";
import type { Predictor, RequestOrigin } from "./predictor.ts";
import {
  CURRENT_MODEL_DOCS,
  MODEL_HISTORY_DOCS,
  PREDICT_BATCH_DOCS,
  PREDICT_DOCS,
  USER_EVENT_DOCS,
} from "./route-docs.ts";
import type { UserEventIntake } from "./user-event-intake.ts";

/** An event has some hundred bytes; to look through millions of unknown fields would keep everybody waiting. */
const EVENT_LIMIT_BYTES = 16 * 1024;

export function addPredictionRoutes(app: FastifyInstance, predictor: Predictor): void {
  app.post("/predict", { schema: PREDICT_DOCS }, (request) => predictor.one(request.body, originOf(request)));

  app.post("/predict/batch", { schema: PREDICT_BATCH_DOCS }, async (request) => {
    const results = await predictor.batch(request.body, originOf(request));
    return {
      results: results.map((result) =>
        result instanceof MarqueeError ? { problem: problemOf(result, request.id) } : result,
      ),
    };
  });
}

export function addEventRoutes(app: FastifyInstance, takeEvent: UserEventIntake): void {
  app.post("/events", { schema: USER_EVENT_DOCS, bodyLimit: EVENT_LIMIT_BYTES }, async (request, reply) =>
    reply.status(202).send(await takeEvent(request.body, request.id)),
  );
}

export function addModelRoutes(app: FastifyInstance, models: ModelHolder, registry: Registry): void {
  app.get("/models/current", { schema: CURRENT_MODEL_DOCS }, () => currentModelOf(models.require()));

  app.get("/models/history", { schema: MODEL_HISTORY_DOCS }, async () =>
    modelHistoryOf(await registry.moves(RATING_MODEL)),
  );
}

function originOf({ id, log }: FastifyRequest): RequestOrigin {
  return { traceId: id, log };
}

function currentModelOf({ model, version, since, movedBy, reason }: HeldModel): CurrentModel {
  const { viewsHash, columns } = model.manifest;
  return { ...version, alias: "champion", since, movedBy, reason, features: { viewsHash, columns: columns.length } };
}
