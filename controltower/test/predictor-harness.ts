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
import { type AnsweredPrediction, createPredictor, type RequestOrigin } from "../src/serving/predictor.ts";
import { TODAY } from "./small-catalog.ts";
import { TINY_METRICS, tinyModel } from "./tiny-model.ts";

/** Noon of the day that the small catalog stands on. */
export const CLOCK = fixedClock(`${TODAY}T12:00:00Z`);

/** The trace id that all requests of the harness come with. */
export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

/** A predictor over an online store in memory, with the tiny model, all of which a test can look at and change. */
export interface PredictorHarness {
  onlineStore: OnlineStore;
  /** Reads of the online store so far. */
  reads: number;
  held: HeldModel | undefined;
  metrics: Metrics;
  predictor: {
    one(body: unknown): Promise<Prediction>;
    batch(body: unknown): Promise<(Prediction | MarqueeError)[]>;
  };
  /** What the predictor has told of its predictions so far. */
  answered: AnsweredPrediction[];
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
    metrics: createServingMetrics(metrics),
    showSourceRatings,
    onAnswer: (answer) => harness.answered.push(answer),
  });
  const origin: RequestOrigin = { traceId: TRACE_ID, log: createLogger("test", "silent") };
  const harness: PredictorHarness = {
    onlineStore,
    reads: 0,
    held: tinyHeldModel(),
    metrics,
    predictor: {
      one: (body) => predictor.one(body, origin),
      batch: (body) => predictor.batch(body, origin),
    },
    answered: [],
    predict: (movie, more = {}) => predictor.one({ movie, ...more }, origin),
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
