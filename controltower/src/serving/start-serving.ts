import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { listen } from "@marquee/shared/service/http";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { createServing } from "./app.ts";
import { drainBeforeStop } from "./drain.ts";
import { type ServingSettings, showsSourceRatings } from "./env.ts";

/**
 * Serving as a process of its own: opens what the settings name, and listens. It starts without the event bus, features
 * or a champion, and goes on without the database; `/ready` says what is not there.
 * @throws DATABASE_UNAVAILABLE where it is away at the start; PORT_TAKEN, SETTINGS_INVALID
 */
export async function startServing(context: ProcessContext<ServingSettings>): Promise<void> {
  const { settings, clock, log, metrics, lifecycle } = context;
  const { database, publisher, checks } = await openProcessBacking(context);
  const objectStore = await openObjectStore({
    url: settings.OBJECT_STORE_URL,
    endpoint: settings.S3_ENDPOINT,
    region: settings.AWS_REGION,
  });
  const namespace = `marquee:${settings.MARQUEE_PROFILE}`;
  const onlineStore = openOnlineStore({ url: settings.REDIS_URL, clock, log, namespace });
  lifecycle.onStop("online store", () => onlineStore.close());
  const { http } = await createServing({
    ...{ database, objectStore, onlineStore, clock, log, metrics, lifecycle, publisher },
    showSourceRatings: showsSourceRatings(settings),
    extraChecks: checks,
    modelPollIntervalMs: settings.MODEL_POLL_MS,
  });
  const port = await listen(http, settings.HOST, settings.PORT);
  drainBeforeStop(http, lifecycle, settings.DRAIN_SECONDS);
  log.info({ host: settings.HOST, port }, "predictions are answered");
}
