import type { Queries } from "@marquee/shared/backing/postgres/database";
import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { dayOf } from "@marquee/shared/contracts/time";
import type { Registry } from "@marquee/shared/registry/registry";
import type { Logger } from "@marquee/shared/service/logger";
import { type LiveError, liveErrors } from "./live-error.ts";
import { populationStabilityIndex } from "./population-stability-index.ts";
import type { ReferencePredictions } from "./reference-predictions.ts";
import { servedPredictions } from "./served-predictions.ts";

const MILLISECONDS_PER_DAY = 86_400_000;

/** How the model in production does, and how the one before it did. */
export interface QualityReport {
  model: string;
  computedAt: Date;
  /** Undefined before the first model. */
  champion:
    | {
        version: number;
        /** RMSE on the films that it was tested on. */
        testedRmse: number;
        drift: PredictionDrift | undefined;
      }
    | undefined;
  /** Of the champion and, where there is one, the champion before it. */
  liveErrors: LiveError[];
}

/** How far the champion's latest predictions are spread unlike those of its test. */
export interface PredictionDrift {
  /** Undefined with too few predictions, or nothing to compare them with. */
  psi: number | undefined;
  /** Films, and descriptions, behind the index. */
  predictions: number;
}

export interface QualityOptions {
  database: Queries;
  registry: Pick<Registry, "currentOf">;
  referencePredictions: ReferencePredictions;
  log: Logger;
  /** Days back that predictions are compared over. */
  psiDays: number;
  /** Below so many predictions there is no index. */
  psiMinPredictions: number;
}

/** @throws DATABASE_UNAVAILABLE; without the object store the report has no drift, and the log says so */
export async function computeQuality(options: QualityOptions, now: Date): Promise<QualityReport> {
  const { database, registry, log } = options;
  const model = RATING_MODEL;
  const champion = (await registry.currentOf(model, "champion"))?.version;
  if (champion === undefined) return { model, computedAt: now, champion: undefined, liveErrors: [] };
  const previous = (await registry.currentOf(model, "previous"))?.version;
  const versions = [...new Set([champion, previous].flatMap((version) => version?.version ?? []))];
  const drift = await driftOf(champion, options, now).catch((error: unknown) => {
    log.warn({ err: error, version: champion.version }, "the drift of predictions was not computed");
    return undefined;
  });
  return {
    model,
    computedAt: now,
    champion: { version: champion.version, testedRmse: champion.metrics.rmse, drift },
    liveErrors: await liveErrors(database, model, versions, dayOf(now)),
  };
}

async function driftOf(champion: ModelVersion, options: QualityOptions, now: Date): Promise<PredictionDrift> {
  const { database, referencePredictions, psiDays, psiMinPredictions } = options;
  const { width, counts } = await referencePredictions(champion);
  const served = await servedPredictions(database, {
    model: champion.name,
    version: champion.version,
    since: new Date(now.getTime() - psiDays * MILLISECONDS_PER_DAY),
    width,
    bins: Math.max(1, counts.length),
  });
  const predictions = served.reduce((sum, count) => sum + count, 0);
  const psi = predictions < psiMinPredictions ? undefined : populationStabilityIndex(counts, served);
  return { psi, predictions };
}
