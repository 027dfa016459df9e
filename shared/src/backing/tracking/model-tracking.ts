import type { ModelAlias, ModelMetrics } from "../../contracts/model-version.ts";
import type { Instant } from "../../contracts/time.ts";
import { MarqueeError } from "../../service/errors.ts";

/** A run begins as `running` and ends as one of the others; what has ended never changes. */
export type TrackedRunStatus = "running" | "succeeded" | "failed";

/** What a run was made from and on, so that equal runs can be told. */
export interface RunOrigin {
  inputHash: string;
  datasetHash: string;
  viewsHash: string;
  /** What computed it: `wasm` or `native`. */
  backend: string;
}

/** A training run as it can be compared with others. */
export interface TrackedRun {
  /** Ours, a UUID. */
  runId: string;
  /** The model that it trained. */
  name: string;
  status: TrackedRunStatus;
  /** What it was told, as text; fixed when it begins. */
  parameters: Record<string, string>;
  /** What came out, by name; names are of letters, digits and `_`, `-`, `.`, `/`, blank. */
  metrics: Record<string, number>;
  tags: RunOrigin;
  startedAt: Instant;
  endedAt: Instant | undefined;
}

export interface TrackedVersion {
  name: string;
  /** 1, 2, 3 … within the model; recorded in ascending order. */
  version: number;
  /** The run that made it. */
  runId: string;
  /** Prefix in the object store under which manifest.json and weights.bin lie. */
  artifactKey: string;
  /** Of the artifact. */
  sha256: string;
  metrics: ModelMetrics;
}

/**
 * Where runs, model versions and aliases are recorded to be looked at and compared. Recording what is recorded already
 * changes nothing, so that whoever was interrupted begins again.
 * Every call throws TRACKING_UNAVAILABLE while a tracking server cannot be reached, TRACKING_REFUSED where it says no
 * (credentials, a name that it does not take).
 */
export interface ModelTracking {
  /** Records a run, or how one that was still running has ended; one that has ended stays as it is. */
  recordRun(run: TrackedRun): Promise<void>;
  /** @throws RUN_UNKNOWN where its run was not recorded */
  recordVersion(version: TrackedVersion): Promise<void>;
  /** Points the alias to a version, wherever it pointed before. @throws VERSION_UNKNOWN */
  setAlias(name: string, alias: ModelAlias, version: number): Promise<void>;
  /** Which version each alias points to; one that was never set is absent. */
  aliases(name: string): Promise<Partial<Record<ModelAlias, number>>>;
  /** All versions of a model, ascending; none for an unknown model. */
  versions(name: string): Promise<TrackedVersion[]>;
  /** All runs of a model, the earliest first, equals by id; none for an unknown model. */
  runs(name: string): Promise<TrackedRun[]>;
  findRun(name: string, runId: string): Promise<TrackedRun | undefined>;
  /** Answers within 3 seconds or throws. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export function runUnknown({ name, runId }: TrackedVersion): MarqueeError {
  return new MarqueeError("RUN_UNKNOWN", `No run ${runId} of the model ${name} was recorded.`);
}
