import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { EncodedArtifact } from "@marquee/shared/model/artifact";
import { errorMessage } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { selectBackend } from "../training/backend.ts";
import { trainRatingModel } from "../training/train-rating-model.ts";
import { artifactKeyOf } from "./artifact-key.ts";
import type { TaskContext } from "./task-context.ts";
import type { TrainingInput } from "./training-input.ts";

/**
 * Trains and tests a model, keeps its artifacts in the object store and the run with its metrics in the database. Called
 * within the step `train`, of which one runs at a time.
 */
export async function trainModel(context: TaskContext, { set, options, hash }: TrainingInput): Promise<TaskResult> {
  const { database, objectStore, clock, log, signal, onProgress } = context;
  const runId = uuidv7(clock);
  const { name: backend } = await selectBackend(options.backend);
  // A run that still says "running" was killed: whoever trains holds the step's lock (step-lock.ts), and that is us.
  await database.execute(
    "update training_runs set status = 'failed', error = 'the process ended', ended_at = $2 where model_name = $1 and status = 'running'",
    [RATING_MODEL, clock.now()],
  );
  await database.execute(
    `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, feature_dataset, views_hash, backend, started_at)
     values ($1, $2, 'running', $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[runId, RATING_MODEL, JSON.stringify(options.settings), hash, set.hash, set.dataset ?? null],
      ...[set.viewsHash, backend, clock.now()],
    ],
  );
  try {
    const { artifact, refitted, report } = await trainRatingModel({
      set,
      settings: options.settings,
      backend,
      log,
      signal,
      clock,
      onProgress: ({ phase, epoch, epochs, loss, stepsDone, steps }) =>
        onProgress({
          done: stepsDone,
          total: steps,
          unit: "epochs",
          note: `${phase}: epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`,
        }),
    });
    await storeArtifact(objectStore, artifact);
    await storeArtifact(objectStore, refitted.artifact);
    // What is served, and its twin of before the test films were learned, by which it is judged.
    const artifacts = { artifactSha256: refitted.artifact.sha256, testedSha256: artifact.sha256 };
    await database.execute(
      "update training_runs set status = 'succeeded', metrics = $2, ended_at = $3 where run_id = $1",
      [runId, JSON.stringify({ ...artifacts, report }), clock.now()],
    );
    return { rowsIn: set.rows.length, rowsOut: 1, detail: { runId, ...artifacts, report } };
  } catch (error) {
    await database
      .execute("update training_runs set status = 'failed', error = $2, ended_at = $3 where run_id = $1", [
        runId,
        errorMessage(error),
        clock.now(),
      ])
      .catch((cause: unknown) => log.warn({ err: cause, runId }, "could not record the failed run"));
    throw error;
  }
}

async function storeArtifact(objectStore: ObjectStore, { sha256, manifest, weights }: EncodedArtifact): Promise<void> {
  const key = artifactKeyOf(sha256);
  await objectStore.put(`${key}/weights.bin`, weights, { ifAbsent: true });
  await objectStore.put(`${key}/manifest.json`, manifest, { ifAbsent: true });
}
