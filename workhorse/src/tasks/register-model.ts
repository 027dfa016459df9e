import { type ModelMetrics, modelMetricsSchema, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { decidePromotion } from "@marquee/shared/registry/promotion-gate";
import type { Registry } from "@marquee/shared/registry/registry";
import { z } from "zod";
import { artifactKeyOf } from "./artifact-key.ts";
import type { TaskContext, TaskResult } from "./task-context.ts";

const runSchema = z.object({ artifactSha256: z.string(), report: z.object({ metrics: modelMetricsSchema }) });

/** The latest trained model, whether or not it is registered yet. */
export interface TrainedRun {
  runId: string;
  artifactSha256: string;
  metrics: ModelMetrics;
}

export async function latestTrainedRun({ database }: TaskContext): Promise<TrainedRun | undefined> {
  const [row] = await database.query<{ run_id: string; metrics: unknown }>(
    "select run_id, metrics from training_runs where model_name = $1 and status = 'succeeded' order by started_at desc limit 1",
    [RATING_MODEL],
  );
  if (!row) return undefined;
  const { artifactSha256, report } = runSchema.parse(row.metrics);
  return { runId: row.run_id, artifactSha256, metrics: report.metrics };
}

/** Gives the run a version and lets the gate decide: the alias `champion` moves to it, or `challenger` does. */
export async function registerModel(context: TaskContext, registry: Registry, run: TrainedRun): Promise<TaskResult> {
  const champion = await registry.currentOf(RATING_MODEL, "champion");
  const version = await registry.registerVersion({
    name: RATING_MODEL,
    runId: run.runId,
    artifactKey: artifactKeyOf(run.artifactSha256),
    artifactSha256: run.artifactSha256,
    metrics: run.metrics,
  });
  const decision = decidePromotion({
    candidate: run.metrics,
    champion: champion && { version: champion.version.version, metrics: champion.version.metrics },
    now: context.clock.now(),
  });
  await registry.moveAlias({
    name: RATING_MODEL,
    alias: decision.promoted ? "champion" : "challenger",
    to: version.version,
    by: "gate",
    reason: decision.reasons.join(" "),
    metrics: run.metrics,
  });
  return { rowsIn: 1, rowsOut: decision.promoted ? 1 : 0, detail: { version: version.version, ...decision } };
}
