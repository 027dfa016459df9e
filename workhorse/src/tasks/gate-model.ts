import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { type ChampionCase, decidePromotion, type PromotionDecision } from "@marquee/shared/registry/promotion-gate";
import { createRegistry } from "@marquee/shared/registry/registry";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import { loadTrainingSet } from "../feature-store/training-set.ts";
import { artifactKeyOf } from "./artifact-key.ts";
import { compareWithChampion } from "./compare-with-champion.ts";
import { loadArtifact } from "./load-artifact.ts";
import type { TaskContext } from "./task-context.ts";
import { type TrainedRun, trainedRun } from "./trained-run.ts";

/** Who moves aliases here. */
const GATE = "gate";

interface Decision extends PromotionDecision {
  /** undefined where there was no champion */
  champion: ChampionCase | undefined;
}

/**
 * Gives the run a version and lets the gate decide: the alias `champion` moves to it, or `challenger` does. The move
 * keeps the reasons and the figures. A run is decided once: asked again, the gate tells what it decided.
 * @throws ARTIFACT_INVALID, OBJECT_NOT_FOUND where the run's own artifact is not usable
 */
export async function gateModel(context: TaskContext, run: TrainedRun): Promise<TaskResult> {
  const registry = createRegistry(context.database, context.clock);
  const { version } = await registry.registerVersion({
    name: RATING_MODEL,
    runId: run.runId,
    artifactKey: artifactKeyOf(run.artifactSha256),
    artifactSha256: run.artifactSha256,
    metrics: run.metrics,
  });
  const known = await registry.firstMoveOf(RATING_MODEL, version, GATE);
  if (known) {
    const promoted = known.alias === "champion";
    return resultOf(version, { promoted, reasons: [known.reason], champion: known.metrics.comparison });
  }
  const champion = await registry.currentOf(RATING_MODEL, "champion");
  const decision = await decide(context, run, champion?.version);
  const moved = await registry.moveAlias({
    name: RATING_MODEL,
    ...(decision.promoted ? { onlyFrom: champion?.version.version ?? null } : {}),
    alias: decision.promoted ? "champion" : "challenger",
    to: version,
    by: GATE,
    reason: decision.reasons.join(" "),
    metrics: { ...run.metrics, ...(decision.champion ? { comparison: decision.champion } : {}) },
  });
  // Somebody else has moved the alias meanwhile: held against that champion, it is another decision.
  if (decision.promoted && !moved) return gateModel(context, run);
  return resultOf(version, decision);
}

function resultOf(version: number, decision: PromotionDecision & { champion: unknown }): TaskResult {
  const { promoted, reasons, champion: comparison } = decision;
  return { rowsIn: 1, rowsOut: promoted ? 1 : 0, detail: { version, promoted, reasons, comparison } };
}

async function decide(context: TaskContext, run: TrainedRun, champion: ModelVersion | undefined): Promise<Decision> {
  const set = await loadTrainingSet(context);
  const candidate = await loadArtifact(context.objectStore, run.testedSha256);
  // Read for its checks alone: what may become champion has to be usable.
  await loadArtifact(context.objectStore, run.artifactSha256);
  if (candidate.manifest.viewsHash !== set.viewsHash) {
    throw new MarqueeError(
      "ARTIFACT_INVALID",
      `Run ${run.runId} was trained on other feature views than this release computes. Build features and train again.`,
    );
  }
  const held = champion && (await holdAgainst(context, candidate, champion, set));
  const decision = decidePromotion({
    candidate: run.metrics,
    refitRmse: run.refitRmse,
    champion: held,
    takenBack: await createRegistry(context.database, context.clock).formerChampion(RATING_MODEL, run.artifactSha256),
    now: context.clock.now(),
  });
  return { ...decision, champion: held };
}

/** The champion is judged as it was tested too: what serves has learned from the films that it was tested on. */
async function holdAgainst(
  context: TaskContext,
  candidate: RatingModel,
  { version, runId }: ModelVersion,
  set: Parameters<typeof compareWithChampion>[2],
): Promise<ChampionCase> {
  const { testedSha256 } = await trainedRun(context, runId);
  try {
    const model = await loadArtifact(context.objectStore, testedSha256);
    return compareWithChampion(candidate, { version, model }, set);
  } catch (error) {
    // A champion that cannot be read is no reason to refuse its successor.
    if (!isMarqueeError(error, "OBJECT_NOT_FOUND") && !isMarqueeError(error, "ARTIFACT_INVALID")) throw error;
    return {
      version,
      compared: "impossible",
      why: `its artifact is not usable (${error.message}), so only the baselines count.`,
    };
  }
}
