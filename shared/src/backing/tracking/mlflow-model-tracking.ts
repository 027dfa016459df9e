import type { ObjectStore } from "../object-store/object-store.ts";
import { createMlflowClient, type MlflowClientOptions } from "./mlflow-client.ts";
import { listRuns, recordRun, trackedRun } from "./mlflow-runs.ts";
import { aliases, listVersions, recordVersion, setAlias } from "./mlflow-versions.ts";
import type { ModelTracking } from "./model-tracking.ts";

export interface MlflowTrackingOptions extends MlflowClientOptions {
  /** Where the models' artifacts lie; with it each version's manifest.json is put among the run's artifacts. */
  objectStore?: ObjectStore;
}

/**
 * Runs in the experiment `marquee/MODEL`, versions and aliases of the registered model of the same name as ours. Our ids,
 * numbers and hashes are tags that begin with `marquee.`, since MLflow gives ids and numbers of its own.
 * Two that record the same run at once leave it twice: whoever calls sees to it that one does at a time (mirror-models.ts).
 */
export function createMlflowModelTracking({ objectStore, ...options }: MlflowTrackingOptions): ModelTracking {
  const client = createMlflowClient(options);
  return {
    recordRun: (run) => recordRun(client, run),
    recordVersion: (version) => recordVersion(client, version, objectStore),
    setAlias: (name, alias, version) => setAlias(client, name, alias, version),
    aliases: (name) => aliases(client, name),
    versions: (name) => listVersions(client, name),
    runs: async (name) => (await listRuns(client, name)).map((run) => trackedRun(name, run)),
    findRun: async (name, runId) => {
      const [run] = await listRuns(client, name, runId);
      return run && trackedRun(name, run);
    },
    ping: () => client.ping(),
    close: async () => client.close(),
  };
}
