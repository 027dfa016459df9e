import { type ModelMetrics, modelMetricsSchema, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";
import type { TaskContext } from "./task-context.ts";

/** Runs of the first release had one model, which was tested and served. */
const metricsSchema = z.object({
  artifactSha256: z.string(),
  testedSha256: z.string().optional(),
  report: z.object({ metrics: modelMetricsSchema, refitRmse: z.number().optional() }),
});

/** A model that was trained, whether or not it is registered yet. */
export interface TrainedRun {
  runId: string;
  /** The model that is to serve: it has learned from all films. */
  artifactSha256: string;
  /** The same model before it learned from its test films. */
  testedSha256: string;
  /** Of the tested one. */
  metrics: ModelMetrics;
  /** RMSE on the test films of the one that is to serve. */
  refitRmse: number;
}

interface RunRow {
  run_id: string;
  metrics: unknown;
}

/** The latest success; undefined where there is none yet. */
export async function latestTrainedRun({ database }: TaskContext): Promise<TrainedRun | undefined> {
  const [row] = await database.query<RunRow>(
    "select run_id, metrics from training_runs where model_name = $1 and status = 'succeeded' order by started_at desc limit 1",
    [RATING_MODEL],
  );
  return row && toRun(row);
}

/** @throws RUN_UNKNOWN where no run of this id has succeeded */
export async function trainedRun({ database }: TaskContext, runId: string): Promise<TrainedRun> {
  const [row] = await database.query<RunRow>(
    "select run_id, metrics from training_runs where run_id = $1 and model_name = $2 and status = 'succeeded'",
    [runId, RATING_MODEL],
  );
  if (!row) throw new MarqueeError("RUN_UNKNOWN", `No training run ${runId} has ended with a model.`);
  return toRun(row);
}

function toRun({ run_id: runId, metrics }: RunRow): TrainedRun {
  const { artifactSha256, testedSha256 = artifactSha256, report } = metricsSchema.parse(metrics);
  const { metrics: tested, refitRmse = tested.rmse } = report;
  return { runId, artifactSha256, testedSha256, metrics: tested, refitRmse };
}
