import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { Prediction } from "@marquee/shared/contracts/prediction";
import type { Instant } from "@marquee/shared/contracts/time";
import { fixedClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics, type Metrics } from "@marquee/shared/service/metrics";
import { createServingMetrics } from "../src/serving/metrics.ts";
import type { HeldModel, ModelHolder } from "../src/serving/model-holder.ts";
import { createPredictor, type Predictor } from "../src/serving/predictor.ts";
import { TODAY } from "./small-catalog.ts";
import { TINY_METRICS, tinyModel } from "./tiny-model.ts";

/** Noon of the day that the small catalog stands on. */
export const CLOCK = fixedClock(`${TODAY}T12:00:00Z`);

/** A predictor over an online store in memory, with the tiny model, all of which a test can look at and change. */
export interface PredictorHarness {
  onlineStore: OnlineStore;
  /** Reads of the online store so far. */
  reads: number;
  held: HeldModel | undefined;
  metrics: Metrics;
  predictor: Predictor;
  predict(movie: object, more?: object): Promise<Prediction>;
}

export function createPredictorHarness({ showSourceRatings = true } = {}): PredictorHarness {
  const memory = createMemoryOnlineStore(CLOCK);
  const metrics = createMetrics("test");
  const onlineStore: OnlineStore = {
    ...memory,
    read: (keys) => {
      harness.reads++;
      return memory.read(keys);
    },
  };
  const models: ModelHolder = {
    current: () => harness.held,
    require: () => {
      if (harness.held) return harness.held;
      throw new MarqueeError("NO_CHAMPION", "None.");
    },
    refresh: async () => {},
    checks: [],
  };
  const predictor = createPredictor({
    models,
    onlineStore,
    clock: CLOCK,
    log: createLogger("test", "silent"),
    metrics: createServingMetrics(metrics),
    showSourceRatings,
  });
  const harness: PredictorHarness = {
    onlineStore,
    reads: 0,
    held: tinyHeldModel(),
    metrics,
    predictor,
    predict: (movie, more = {}) => predictor.one({ movie, ...more }),
  };
  return harness;
}

function tinyHeldModel(): HeldModel {
  return {
    model: tinyModel(),
    version: { name: RATING_MODEL, version: 3, metrics: TINY_METRICS } as ModelVersion,
    since: "2026-06-01T00:00:00.000Z" as Instant,
    movedBy: "gate",
    reason: "The first.",
  };
}
