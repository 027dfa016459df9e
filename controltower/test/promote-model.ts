import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { encodeArtifact } from "@marquee/shared/model/artifact";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import type { Registry } from "@marquee/shared/registry/registry";
import type { Clock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { TINY_METRICS } from "./tiny-model.ts";

/** Stores and registers a model and makes it champion. */
export type Promotion = (model: RatingModel, reason?: string) => Promise<{ version: number; artifactKey: string }>;

export interface PromotionOptions {
  database: Database;
  objectStore: ObjectStore;
  registry: Registry;
  clock: Clock;
}

/** Does what training and the gate would do. */
export function createPromotion({ database, objectStore, registry, clock }: PromotionOptions): Promotion {
  async function trainedRun(viewsHash: string): Promise<string> {
    const runId = uuidv7(clock);
    await database.execute(
      `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at)
       values ($1, $2, 'succeeded', '{}', 'input', 'dataset', $3, 'wasm', $4)`,
      [runId, RATING_MODEL, viewsHash, clock.now()],
    );
    return runId;
  }

  return async (model, reason = "Better.") => {
    const artifact = encodeArtifact(model);
    const artifactKey = `models/rating/${artifact.sha256}`;
    await objectStore.put(`${artifactKey}/weights.bin`, artifact.weights);
    await objectStore.put(`${artifactKey}/manifest.json`, artifact.manifest);
    const { version } = await registry.registerVersion({
      name: RATING_MODEL,
      runId: await trainedRun(model.manifest.viewsHash),
      artifactKey,
      artifactSha256: artifact.sha256,
      metrics: TINY_METRICS,
    });
    await registry.moveAlias({ name: RATING_MODEL, alias: "champion", to: version, by: "gate", reason, metrics: {} });
    return { version, artifactKey };
  };
}
