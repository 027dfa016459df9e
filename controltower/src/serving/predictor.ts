import { setImmediate as nextTurn } from "node:timers/promises";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { formOfPredictRequest, type Prediction } from "@marquee/shared/contracts/prediction";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Logger } from "@marquee/shared/service/logger";
import { createFeatureAssembler, type FeatureSet } from "./assemble-features.ts";
import type { ServingMetrics } from "./metrics.ts";
import type { HeldModel, ModelHolder } from "./model-holder.ts";
import { type ParsedRequest, parseBatchRequest, parsePredictRequest } from "./parse-request.ts";
import { predictionOf } from "./prediction-of.ts";

/** Items of a batch between two turns of other requests: 1 ms of predictions, 25 ms where each is explained. */
const ITEMS_PER_TURN = 25;

/** The request that a body came with. */
export interface RequestOrigin {
  traceId: string;
  /** Its lines carry the trace id. */
  log: Pick<Logger, "error">;
}

/** One prediction, what it was made from, and for which request. */
export interface AnsweredPrediction {
  prediction: Prediction;
  features: FeatureSet;
  traceId: string;
}

/** From bodies to predictions. */
export interface Predictor {
  /** @throws REQUEST_INVALID, FILM_UNKNOWN, NO_CHAMPION, NOT_READY */
  one(body: unknown, origin: RequestOrigin): Promise<Prediction>;
  /**
   * @returns a prediction or a problem for each item, in their order
   * @throws REQUEST_INVALID where the body is no list of items; NO_CHAMPION, NOT_READY
   */
  batch(body: unknown, origin: RequestOrigin): Promise<(Prediction | MarqueeError)[]>;
}

export interface PredictorOptions {
  models: ModelHolder;
  onlineStore: OnlineStore;
  clock: Clock;
  metrics: ServingMetrics;
  /** Whether answers tell the film's real rating, where there is one. */
  showSourceRatings: boolean;
  /** Told of each prediction; keeps none of them waiting and throws nothing. */
  onAnswer?: (answered: AnsweredPrediction) => void;
}

export function createPredictor(options: PredictorOptions): Predictor {
  const { models, metrics, showSourceRatings, onAnswer } = options;
  const assemble = createFeatureAssembler(options);

  function answer(held: HeldModel, { form, request }: ParsedRequest, features: FeatureSet, { traceId }: RequestOrigin) {
    metrics.prediction(form, "answered");
    metrics.features(features);
    const prediction = predictionOf(held, features, { explained: request.explain, showSourceRatings });
    onAnswer?.({ prediction, features, traceId });
    return prediction;
  }

  function refuse({ form }: ParsedRequest, problem: MarqueeError) {
    metrics.prediction(form, problem.code);
    return problem;
  }

  /** One model answers all of them, whatever happens to the alias meanwhile. */
  async function answers(items: readonly Item[], origin: RequestOrigin): Promise<(Prediction | MarqueeError)[]> {
    const held = models.require();
    const featuresOf = await assemble(items.filter(isRequest), (error) =>
      origin.log.error({ err: error }, "a stored feature cannot be read"),
    );
    const resultOf = (item: Item) => {
      if (!isRequest(item)) return item;
      const features = featuresOf(item);
      return features instanceof MarqueeError ? refuse(item, features) : answer(held, item, features, origin);
    };
    const results: (Prediction | MarqueeError)[] = [];
    for (const item of items) {
      if (results.length > 0 && results.length % ITEMS_PER_TURN === 0) await nextTurn();
      results.push(resultOf(item));
    }
    return results;
  }

  async function measured(items: readonly Item[], call: "single" | "batch", origin: RequestOrigin) {
    const stop = metrics.startTimer(call);
    try {
      return await answers(items, origin);
    } catch (error) {
      const outcome = error instanceof MarqueeError ? error.code : "INTERNAL";
      for (const item of items.filter(isRequest)) metrics.prediction(item.form, outcome);
      throw error;
    } finally {
      stop();
    }
  }

  function parse(body: unknown, at?: string): Item {
    const parsed = parsePredictRequest(body, at);
    if (parsed instanceof MarqueeError) metrics.prediction(formOfPredictRequest(body), parsed.code);
    return parsed;
  }

  return {
    one: async (body, origin) => {
      const [result] = await measured([orThrow(parse(body))], "single", origin);
      return orThrow(result);
    },
    batch: async (body, origin) => {
      const items = orThrow(parseBatchRequest(body));
      metrics.batchSize(items.length);
      return measured(
        items.map((item, index) => parse(item, `items[${index}]`)),
        "batch",
        origin,
      );
    },
  };
}

/** One that was parsed, or why not. */
type Item = ParsedRequest | MarqueeError;

function isRequest(item: Item): item is ParsedRequest {
  return !(item instanceof MarqueeError);
}

function orThrow<T>(result: T | MarqueeError | undefined): T {
  if (result instanceof MarqueeError) throw result;
  if (result === undefined) throw new MarqueeError("INTERNAL", "A request was left without an answer.");
  return result;
}
