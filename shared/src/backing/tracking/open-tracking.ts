import type { ObjectStore } from "../object-store/object-store.ts";
import { createMlflowModelTracking } from "./mlflow-model-tracking.ts";
import type { ModelTracking } from "./model-tracking.ts";

/** What `trackingSettings` of backing-settings.ts gives. */
export interface TrackingSettings {
  MLFLOW_TRACKING_URI?: string | undefined;
  MLFLOW_TRACKING_USERNAME?: string | undefined;
  MLFLOW_TRACKING_PASSWORD?: string | undefined;
}

/**
 * The MLflow server that the settings name; undefined where they name none, and PostgreSQL's tables are all there is.
 * Nothing is asked of it yet.
 * @param objectStore where the models' artifacts lie: each version's manifest.json is then shown in MLflow too
 */
export function openTracking(settings: TrackingSettings, objectStore?: ObjectStore): ModelTracking | undefined {
  const { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_USERNAME: username } = settings;
  if (url === undefined) return undefined;
  return createMlflowModelTracking({
    url,
    ...(username === undefined ? {} : { credentials: { username, password: settings.MLFLOW_TRACKING_PASSWORD ?? "" } }),
    ...(objectStore ? { objectStore } : {}),
  });
}
