import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { ALL_VIEWS, FEATURE_SERVICES } from "@marquee/shared/features/film-views";
import { listen } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { latestDataset } from "../offline-store/dataset-records.ts";
import { createFeatureServer } from "./app.ts";
import type { FeatureServerSettings } from "./env.ts";
import { createHistoricalFeatures } from "./historical-features.ts";

/**
 * The feature server as a process of its own: opens what the settings name, and listens. Online answers need the online
 * store alone; without the event bus or the database they go on.
 * @throws DATABASE_UNAVAILABLE where it is away at the start; PORT_TAKEN, SETTINGS_INVALID
 */
export async function startFeatureServer(context: ProcessContext<FeatureServerSettings>): Promise<void> {
  const { settings, clock, log, metrics, lifecycle } = context;
  const { database, checks } = await openProcessBacking(context);
  const namespace = `marquee:${settings.MARQUEE_PROFILE}`;
  const onlineStore = openOnlineStore({ url: settings.REDIS_URL, clock, log, namespace });
  lifecycle.onStop("online store", () => onlineStore.close());
  const served = { views: ALL_VIEWS, services: FEATURE_SERVICES };
  const http = createFeatureServer({
    ...{ onlineStore, clock, log, metrics, served },
    historicalFeatures: createHistoricalFeatures({
      newestDataset: async () => (await latestDataset(database))?.hash,
      objectStore: { url: settings.OBJECT_STORE_URL, endpoint: settings.S3_ENDPOINT, region: settings.AWS_REGION },
      cacheFolder: settings.DATASET_FOLDER,
      services: served.services,
    }),
    token: settings.FEATURE_SERVER_TOKEN,
    extraChecks: checks,
  });
  lifecycle.onStop("http", () => http.close());
  const port = await listen(http, settings.HOST, settings.PORT);
  log.info({ host: settings.HOST, port }, "features are answered");
}
