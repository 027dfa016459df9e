import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { errorMessage } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import { selectBackend } from "../training/backend.ts";
import { trainRatingModel } from "../training/train-rating-model.ts";
import { artifactKeyOf } from "./artifact-key.ts";
import type { TaskContext, TaskResult } from "./task-context.ts";
import type { TrainingInput } from "./training-input.ts";

/** Trains and tests a model, keeps its artifact in the object store and the run with its metrics in the database. */
export async function trainModel(context: TaskContext, { set, options, hash }: TrainingInput): Promise<TaskResult> {
  const { database, objectStore, clock, log, signal, onProgress } = context;
  const runId = uuidv7(clock);
  const { name: backend } = await selectBackend(options.backend);
  // One process at a time trains on a database of its own: a run that still says "running" was killed.
  await database.execute(
    "update training_runs set status = 'failed', error = 'the process ended', ended_at = $2 where model_name = $1 and status = 'running'",
    [RATING_MODEL, clock.now()],
  );
  await database.execute(
    `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at)
     values ($1, $2, 'running', $3, $4, $5, $6, $7, $8)`,
    [runId, RATING_MODEL, JSON.stringify(options.settings), hash, set.hash, set.viewsHash, backend, clock.now()],
  );
  try {
    const { artifact, report } = await trainRatingModel({
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
    const key = artifactKeyOf(artifact.sha256);
    await objectStore.put(`${key}/weights.bin`, artifact.weights, { ifAbsent: true });
    await objectStore.put(`${key}/manifest.json`, artifact.manifest, { ifAbsent: true });
    await database.execute(
      "update training_runs set status = 'succeeded', metrics = $2, ended_at = $3 where run_id = $1",
      [runId, JSON.stringify({ artifactSha256: artifact.sha256, report }), clock.now()],
    );
    return { rowsIn: set.rows.length, rowsOut: 1, detail: { runId, artifactSha256: artifact.sha256, report } };
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
