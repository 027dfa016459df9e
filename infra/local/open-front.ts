import { addApiRoutes, addWebhookRoutes } from "@marquee/controltower/scheduler/routes";
import type { Scheduling } from "@marquee/controltower/scheduler/scheduler";
import type { ExampleFilm } from "@marquee/controltower/serving/api-examples";
import { createServing } from "@marquee/controltower/serving/app";
import { ALL_VIEWS, FEATURE_SERVICES } from "@marquee/shared/features/film-views";
import { type Check, listen } from "@marquee/shared/service/http";
import { createHistoricalFeatures } from "@marquee/workhorse/feature-server/historical-features";
import { addFeatureRoutes } from "@marquee/workhorse/feature-server/routes";
import { latestDataset } from "@marquee/workhorse/offline-store/dataset-records";
import type { FastifyInstance } from "fastify";
import type { LocalApp } from "./local-app.ts";
import { type Backing, objectStoreOf } from "./open-backing.ts";
import { answerWhileStarting } from "./startup-gate.ts";
import { accessOf, type RouteAccess, urlHost } from "./who-may-call.ts";

export interface FrontOptions {
  backing: Backing;
  scheduling: Scheduling;
  /** What `/ready` is to look at beside serving's own. */
  checks: readonly Check[];
  dataNotice: string | undefined;
  exampleFilm: () => ExampleFilm | undefined;
}

export interface Front {
  /** http://localhost:8080 */
  address: string;
  access: RouteAccess;
  /** From now on predictions are answered. */
  open(): Promise<void>;
}

/**
 * The one port for everything. Listens at once, so that a taken one is found before the work; until `open`, all that
 * needs a model or features is answered with "starting".
 * @throws PORT_TAKEN, ADDRESS_UNUSABLE
 */
export async function openFront(app: LocalApp, options: FrontOptions): Promise<Front> {
  const { lifecycle, clock, log, metrics } = app;
  const { backing, dataNotice, exampleFilm, checks } = options;
  const { database, objectStore, onlineStore, publisher } = backing;
  const { http, models } = await createServing({
    ...{ database, objectStore, onlineStore, publisher, clock, log, lifecycle },
    metrics: metrics.serving,
    showSourceRatings: app.options.showSourceRatings,
    exampleFilm,
    extraChecks: [...backing.checks, ...checks],
    ...(dataNotice === undefined ? {} : { dataNotice }),
  });
  const access = { ...addPipelineRoutes(http, app, options), features: mountFeatureServer(http, app, backing) };
  log.info({ access }, "who may call what starts much work");
  const open = answerWhileStarting(http);
  const port = await listen(http, app.options.HOST, app.options.PORT);
  lifecycle.onStop("http", () => http.close());
  return {
    address: `http://${urlHost(app.options.HOST)}:${port}`,
    access,
    open: async () => {
      await models.refresh();
      open();
    },
  };
}

function addPipelineRoutes(
  http: FastifyInstance,
  { options }: LocalApp,
  { backing: { database }, scheduling }: FrontOptions,
): Omit<RouteAccess, "features"> {
  const { SCHEDULER_API_TOKEN: apiToken, ALERTMANAGER_WEBHOOK_TOKEN: webhookToken } = options;
  const access = { api: accessOf(apiToken, options), webhook: accessOf(webhookToken, options) };
  const routes = { ...scheduling, database, apiToken, webhookToken };
  if (access.api !== "left out") addApiRoutes(http, routes);
  if (access.webhook !== "left out") addWebhookRoutes(http, routes);
  return access;
}

/** The feature server's routes under `/features`, which is then the `path` of Feast's client. */
function mountFeatureServer(
  http: FastifyInstance,
  app: LocalApp,
  { database, onlineStore }: Backing,
): RouteAccess["features"] {
  const { options, clock, metrics } = app;
  const token = options.FEATURE_SERVER_TOKEN;
  const access = accessOf(token, options);
  if (access === "left out") return access;
  const served = { views: ALL_VIEWS, services: FEATURE_SERVICES };
  const historicalFeatures = createHistoricalFeatures({
    newestDataset: async () => (await latestDataset(database))?.hash,
    objectStore: objectStoreOf(app),
    cacheFolder: undefined,
    services: served.services,
  });
  const routes = { onlineStore, clock, metrics: metrics["feature-server"], served, historicalFeatures, token };
  http.register(
    (scope, _options, done) => {
      addFeatureRoutes(scope, routes);
      done();
    },
    { prefix: "/features" },
  );
  return access;
}
