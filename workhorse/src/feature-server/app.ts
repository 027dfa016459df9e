import { type Check, createHttpApp } from "@marquee/shared/service/http";
import type { Logger } from "@marquee/shared/service/logger";
import type { FastifyInstance } from "fastify";
import { featureChecks } from "./readiness.ts";
import { addFeatureRoutes, type FeatureRoutesOptions } from "./routes.ts";

export interface FeatureServerOptions extends FeatureRoutesOptions {
  log: Logger;
  /** What `/ready` is to look at beside its own. */
  extraChecks?: readonly Check[];
}

/** The feature server; answers once the caller listens. Without features or the online store it starts all the same. */
export function createFeatureServer(options: FeatureServerOptions): FastifyInstance {
  const { onlineStore, clock, log, metrics, served, extraChecks = [] } = options;
  const http = createHttpApp({
    log,
    metrics,
    checks: [...featureChecks(onlineStore, served.views, clock), ...extraChecks],
  });
  addFeatureRoutes(http, options);
  return http;
}
