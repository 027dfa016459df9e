import type { ModelAlias, ModelVersion } from "../../contracts/model-version.ts";
import { createRegistry, type Registry } from "../../registry/registry.ts";
import type { Clock } from "../../service/clock.ts";
import { MarqueeError } from "../../service/errors.ts";
import type { Database, Queries } from "../postgres/database.ts";
import { type ModelTracking, runUnknown, type TrackedRun, type TrackedVersion } from "./model-tracking.ts";
import { type TrainingRunRow, trackedRun } from "./training-run-row.ts";

export interface PostgresTrackingOptions {
  /** Stays the caller's to close. */
  database: Database;
  clock: Clock;
}

/** Who stands in the history for an alias that was set here. */
const MOVED_BY = "tracking";

/** Runs in `training_runs`, versions and aliases in the registry: the truth, and all there is without a tracking server. */
export function createPostgresModelTracking({ database, clock }: PostgresTrackingOptions): ModelTracking {
  const registry = createRegistry(database, clock);
  return {
    recordRun: (run) => recordRun(database, run),
    recordVersion: (version) =>
      database.transaction((tx) =>
        recordVersion(tx, createRegistry({ ...database, transaction: (work) => work(tx) }, clock), version),
      ),
    setAlias: (name, alias, version) => setAlias(registry, clock, { name, alias, version }),
    aliases: (name) => registry.aliases(name),
    versions: async (name) => (await registry.listVersions(name)).reverse().map(trackedVersion),
    runs: async (name) => (await readRuns(database, "model_name = $1", [name])).map(trackedRun),
    findRun: async (name, runId) => {
      const [row] = await readRuns(database, "model_name = $1 and run_id = $2", [name, runId]);
      return row && trackedRun(row);
    },
    ping: () => database.ping(),
    close: async () => {},
  };
}

function readRuns(db: Queries, condition: string, values: readonly unknown[]): Promise<TrainingRunRow[]> {
  return db.query<TrainingRunRow>(
    `select run_id, model_name, status, parameters, metrics, input_hash, dataset_hash, views_hash, backend, started_at, ended_at
     from training_runs where ${condition} order by started_at, run_id`,
    values,
  );
}

/** Training writes more about a run than tracking knows, so one that has ended is not touched. */
async function recordRun(db: Queries, run: TrackedRun): Promise<void> {
  await db.execute(
    `insert into training_runs
       (run_id, model_name, status, parameters, metrics, input_hash, dataset_hash, views_hash, backend, started_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (run_id) do update set status = excluded.status, metrics = excluded.metrics, ended_at = excluded.ended_at
     where training_runs.status = 'running'`,
    [
      run.runId,
      run.name,
      run.status,
      JSON.stringify(run.parameters),
      JSON.stringify(run.metrics),
      run.tags.inputHash,
      run.tags.datasetHash,
      run.tags.viewsHash,
      run.tags.backend,
      run.startedAt,
      run.endedAt ?? null,
    ],
  );
}

/** @throws TRACKING_REFUSED where the registry, which numbers versions, has given this run another number */
async function recordVersion(db: Queries, registry: Registry, version: TrackedVersion): Promise<void> {
  const [run] = await readRuns(db, "model_name = $1 and run_id = $2", [version.name, version.runId]);
  if (!run) throw runUnknown(version);
  const registered = await registry.registerVersion({
    name: version.name,
    runId: version.runId,
    artifactKey: version.artifactKey,
    artifactSha256: version.sha256,
    metrics: version.metrics,
  });
  if (registered.version === version.version) return;
  throw new MarqueeError(
    "TRACKING_REFUSED",
    `The run ${version.runId} of the model ${version.name} has the version ${registered.version}, not ${version.version}.`,
  );
}

async function setAlias(
  registry: Registry,
  clock: Clock,
  { name, alias, version }: { name: string; alias: ModelAlias; version: number },
): Promise<void> {
  const { metrics } = await registry.getVersion(name, version);
  const reason = `Set on ${clock.now().toISOString()} through tracking.`;
  await registry.moveAlias({ name, alias, to: version, by: MOVED_BY, reason, metrics });
}

function trackedVersion({ name, version, runId, artifactKey, artifactSha256, metrics }: ModelVersion): TrackedVersion {
  return { name, version, runId, artifactKey, sha256: artifactSha256, metrics };
}
