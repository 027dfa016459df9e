import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { listen } from "@marquee/shared/service/http";
import { runProcess } from "@marquee/shared/service/run-process";
import { createFeatureServer } from "@marquee/workhorse/feature-server/app";
import { benchServerSettings } from "./env.ts";
import { feastView } from "./feast-views.ts";

/** Where the benchmark's features lie in Redis. */
export const NAMESPACE = "marquee:bench";

/** The feature server as it is, but for whose views it serves: Feast's made-up ones. */
if (import.meta.main) {
  await runProcess({
    service: "feature-server",
    settings: benchServerSettings,
    start: async ({ settings, clock, log, metrics, lifecycle }) => {
      const onlineStore = openOnlineStore({ url: settings.REDIS_URL, clock, log, namespace: NAMESPACE });
      lifecycle.onStop("online store", () => onlineStore.close());
      const served = { views: [feastView("v5k")], services: [] };
      const http = createFeatureServer({ ...{ onlineStore, clock, log, metrics, served }, token: undefined });
      lifecycle.onStop("http", () => http.close());
      await listen(http, settings.HOST, settings.PORT);
    },
  });
}
