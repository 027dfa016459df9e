import type { EventPublisher } from "@marquee/shared/backing/event-bus/event-publisher";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { createRegistry } from "@marquee/shared/registry/registry";
import type { Clock } from "@marquee/shared/service/clock";
import { type Check, createHttpApp } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import type { Metrics } from "@marquee/shared/service/metrics";
import type { FastifyInstance } from "fastify";
import type { ExampleFilm } from "./api-examples.ts";
import { describeApi } from "./describe-api.ts";
import { drainingCheck, endConnectionsWhileStopping } from "./drain.ts";
import { measureFeatureAge } from "./feature-age.ts";
import { loadModel } from "./load-model.ts";
import { createServingMetrics } from "./metrics.ts";
import { createModelHolder, type ModelHolder } from "./model-holder.ts";
import { createPredictionEvents } from "./prediction-events.ts";
import { createPredictor } from "./predictor.ts";
import { backingChecks } from "./readiness.ts";
import { addEventRoutes, addModelRoutes, addPredictionRoutes } from "./routes.ts";
import { createUserEventIntake } from "./user-event-intake.ts";

export interface ServingOptions {
  database: Database;
  objectStore: ObjectStore;
  onlineStore: OnlineStore;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Whether answers tell a film's real rating, where there is one: the sources' terms leave that to the operator. */
  showSourceRatings: boolean;
  /** Predictions and user events go through it; without it predictions go nowhere and there is no `POST /events`. */
  publisher?: EventPublisher;
  /** Where the data comes from when it is not the real thing; stands in the API's description. */
  dataNotice?: string;
  /** A film of the catalog for the API's examples, asked for each time that they are shown. */
  exampleFilm?: () => ExampleFilm | undefined;
  /** What `/ready` is to look at beside serving's own. */
  extraChecks?: readonly Check[];
  /** Milliseconds between looks at the champion's alias; a second unless given. */
  modelPollIntervalMs?: number;
}

export interface Serving {
  /** Answers once the caller listens. */
  http: FastifyInstance;
  models: ModelHolder;
}

/**
 * The prediction service, with the champion loaded where there is one. The caller listens, and closes `http`; the
 * poll of the champion's alias ends with the lifecycle. Without a champion, features or a database it starts all the
 * same, and `/ready` says what is not there.
 */
export async function createServing(options: ServingOptions): Promise<Serving> {
  const { database, objectStore, onlineStore, clock, log, lifecycle, publisher, showSourceRatings } = options;
  const registry = createRegistry(database, clock);
  const metrics = createServingMetrics(options.metrics);
  const models = createModelHolder({
    registry,
    load: (version) => loadModel(objectStore, version),
    clock,
    log,
    metrics,
    lifecycle,
    ...(options.modelPollIntervalMs === undefined ? {} : { pollIntervalMs: options.modelPollIntervalMs }),
  });
  const http = createHttpApp({
    log,
    metrics: options.metrics,
    hasDocs: true,
    checks: [
      drainingCheck(lifecycle),
      ...models.checks,
      ...backingChecks(database, onlineStore, clock),
      ...(options.extraChecks ?? []),
    ],
  });
  endConnectionsWhileStopping(http, lifecycle);
  measureFeatureAge(options.metrics, onlineStore, clock);
  // Routes' schemas describe the API. Bodies are parsed by their contracts, which say what is accepted, and answers
  // are made by typed code: nothing is left for Fastify to compile.
  http.setValidatorCompiler(() => () => true);
  http.setSerializerCompiler(() => JSON.stringify);
  await describeApi(http, {
    dataNotice: options.dataNotice,
    exampleFilm: options.exampleFilm ?? (() => undefined),
    takesEvents: publisher !== undefined,
  });
  const onAnswer = publisher && createPredictionEvents(publisher, clock);
  const predictor = { models, onlineStore, clock, metrics, showSourceRatings };
  addPredictionRoutes(http, createPredictor({ ...predictor, ...(onAnswer ? { onAnswer } : {}) }));
  if (publisher) addEventRoutes(http, createUserEventIntake(publisher, clock));
  addModelRoutes(http, models, registry);
  await models.refresh();
  return { http, models };
}
