import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { type PredictionEvent, predictionEventSchema } from "@marquee/shared/contracts/prediction-event";
import { createRegistry } from "@marquee/shared/registry/registry";
import type { Check } from "@marquee/shared/service/http";
import { type ConsumerOptions, consumeTopic } from "../consume-topic.ts";
import { computeQuality } from "./compute-quality.ts";
import { createQualityMetrics } from "./metrics.ts";
import { createReferencePredictions } from "./reference-predictions.ts";
import { repeat } from "./repeat.ts";
import { storePredictions } from "./store-predictions.ts";

export interface WatchQualityOptions extends ConsumerOptions {
  database: Database;
  objectStore: Pick<ObjectStore, "get">;
  /** Between two computations; predictions that come in start one sooner. */
  intervalSeconds: number;
  psiDays: number;
  psiMinPredictions: number;
}

/**
 * Brings predictions from topic `predictions` into the database, and computes live error and drift from what is there,
 * as gauges, until the lifecycle ends.
 * @returns the checks for `/ready`
 */
export async function watchQuality(options: WatchQualityOptions): Promise<Check[]> {
  const { database, objectStore, psiDays, psiMinPredictions, clock, log, metrics, lifecycle } = options;
  const quality = {
    ...{ database, log, psiDays, psiMinPredictions },
    registry: createRegistry(database, clock),
    referencePredictions: createReferencePredictions(objectStore),
  };
  const gauges = createQualityMetrics(metrics);
  const computing = repeat({
    ...{ what: "quality", log, lifecycle },
    intervalMs: options.intervalSeconds * 1_000,
    work: async () => gauges.show(await computeQuality(quality, clock.now())),
  });
  const consumer = await consumeTopic<PredictionEvent>({
    ...options,
    sink: {
      topic: "predictions",
      group: "quality",
      contract: predictionEventSchema,
      store: async (predictions) => {
        const refused = await storePredictions(database, predictions);
        computing.soon();
        return refused;
      },
    },
  });
  return [consumer, { name: "quality", severity: "degraded", problem: computing.problem }];
}
