import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { requireBearer } from "@marquee/shared/service/bearer";
import type { Clock } from "@marquee/shared/service/clock";
import type { Metrics } from "@marquee/shared/service/metrics";
import type { FastifyInstance } from "fastify";
import type { ServedFeatures, ServedService } from "./feature-plan.ts";
import type { HistoricalFeatures } from "./historical-features.ts";
import { addHistoricalRoute } from "./historical-route.ts";
import { createFeatureServerMetrics } from "./metrics.ts";
import { createOnlineFeatures } from "./online-features.ts";

export interface FeatureRoutesOptions {
  onlineStore: OnlineStore;
  clock: Clock;
  metrics: Metrics;
  served: ServedFeatures;
  /** Features as they stood; without it there is no such route. */
  historicalFeatures?: HistoricalFeatures;
  /** What callers have to bring; undefined lets everybody in. */
  token: string | undefined;
}

/**
 * The feature server's routes, in Feast's form where Feast has them. Feast's client takes the prefix under which they
 * are mounted as part of its `path`. On purpose other than `feast serve` 0.67 is, which a run beside it has shown:
 * - An unknown value is NULL_VALUE and a stale one OUTSIDE_MAX_AGE; Feast calls both PRESENT.
 * - `metadata.views` tells versions and ages. Columns of a view come as they were asked for; Feast's have no fixed order.
 * - `view`, without a column, means all of its columns; `view@v2:column` needs no setting.
 * - Ids are whole numbers under the join key; Feast takes "603", 603.5 and true for a number, and the entity's name for its key.
 * - Up to 1,000 entities and 500 features. What is refused is a problem document with 400 or 404; Feast's are 422, 404 and 500.
 */
export function addFeatureRoutes(app: FastifyInstance, options: FeatureRoutesOptions): void {
  const { onlineStore, metrics, clock, served } = options;
  const onRequest = requireBearer(options.token);
  const route = (summary: string, quiet = false) => ({
    onRequest,
    schema: { tags: ["features"], summary },
    config: { quiet },
  });
  const answer = createOnlineFeatures({
    ...{ onlineStore, served },
    metrics: createFeatureServerMetrics({ metrics, onlineStore, clock, views: served.views }),
  });

  app.post(
    "/get-online-features",
    route("Features as they are now, in Feast's form", true),
    async ({ body }, reply) => {
      const json = await answer(body);
      return reply.type("application/json; charset=utf-8").send(json);
    },
  );

  if (options.historicalFeatures) {
    addHistoricalRoute(app, options.historicalFeatures, route("Features as they stood at given moments"));
  }

  app.get(
    "/feature-views",
    route("What there is: columns, types, time to live, and up to when it is right"),
    async () => {
      const watermarks = await onlineStore.watermarks();
      return {
        views: served.views.map((view) => ({ ...definitionOf(view), watermark: watermarks.get(viewKey(view)) })),
      };
    },
  );

  app.get("/feature-services", route("Which views a model reads together"), () => ({
    services: served.services.map(serviceOf),
  }));
}

/** A view without its function; NaN as a default is null in JSON. */
function definitionOf(view: ViewSchema & { compute?: unknown }): ViewSchema {
  const { compute: _compute, ...definition } = view;
  return definition;
}

function serviceOf({ name, views }: ServedService): object {
  return {
    name,
    views: views.map(viewKey),
    columns: views.flatMap(({ columns }) => columns.map((column) => column.name)),
  };
}
