import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { Instant } from "@marquee/shared/contracts/time";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import type { AliasedVersion, Registry } from "@marquee/shared/registry/registry";
import type { Clock } from "@marquee/shared/service/clock";
import { errorMessage, isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import type { ServingMetrics } from "./metrics.ts";

/** Predictions are to come from a new champion within 2 s of its alias' move. */
const POLL_INTERVAL_MS = 1_000;
/** A version that failed is tried again after 1 s, 2 s, 4 s … at most this: its files may be on their way. */
const MAX_RETRY_DELAY_MS = 60_000;
/** Told to those who ask before there is a model, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** A model that answers, and how it came to. */
export interface HeldModel {
  model: RatingModel;
  version: ModelVersion;
  since: Instant;
  movedBy: string;
  reason: string;
}

export interface ModelHolder {
  /** The model that answers now. Keep it for the length of a request: the next call may give another. */
  current(): HeldModel | undefined;
  /** @throws NO_CHAMPION saying why there is none */
  require(): HeldModel;
  /** Looks where the alias points now, and returns once its model answers or was refused. Never rejects. */
  refresh(): Promise<void>;
  checks: readonly Check[];
}

export interface ModelHolderOptions {
  registry: Pick<Registry, "currentOf">;
  /** @throws where the artifact cannot be had or is not to be used */
  load(version: ModelVersion): Promise<RatingModel>;
  clock: Clock;
  log: Logger;
  metrics: ServingMetrics;
  lifecycle: Lifecycle;
  /** Milliseconds between looks at the alias; a second unless given. */
  pollIntervalMs?: number;
}

/** A version that could not be used, and when it will be tried again. */
interface Refusal {
  runId: string;
  version: number;
  error: unknown;
  failures: number;
  retryAtMs: number;
}

interface HolderState {
  held: HeldModel | undefined;
  refusal: Refusal | undefined;
  /** Why the registry could not be asked the last time. */
  registryProblem: string | undefined;
}

/**
 * Holds the champion and follows its alias. A model takes over in one step once it is loaded and has passed its checks;
 * one that has not is refused, and the one before it goes on answering, as it does while the registry is away.
 */
export function createModelHolder(options: ModelHolderOptions): ModelHolder {
  const state: HolderState = { held: undefined, refusal: undefined, registryProblem: undefined };
  let looks = Promise.resolve();
  let waiting = 0;
  const refresh = (): Promise<void> => {
    waiting++;
    looks = looks.then(() => follow(state, options)).finally(() => waiting--);
    return looks;
  };
  const timer = setInterval(() => {
    if (waiting === 0) void refresh();
  }, options.pollIntervalMs ?? POLL_INTERVAL_MS).unref();
  options.lifecycle.onStop("model holder", () => {
    clearInterval(timer);
    // The registry's connections are closed after this.
    return looks;
  });
  return {
    current: () => state.held,
    require: () => {
      if (state.held) return state.held;
      throw new MarqueeError("NO_CHAMPION", whyNone(state), { retryAfterSeconds: RETRY_AFTER_SECONDS });
    },
    refresh,
    checks: checksOf(state),
  };
}

async function follow(state: HolderState, options: ModelHolderOptions): Promise<void> {
  const { registry, log } = options;
  try {
    const champion = await registry.currentOf(RATING_MODEL, "champion");
    if (state.registryProblem !== undefined) log.info("the model registry answers again");
    state.registryProblem = undefined;
    if (champion) await takeOver(state, options, champion);
  } catch (error) {
    // Told once: the poll would say it again every second.
    if (state.registryProblem === undefined) {
      log.warn({ err: error }, "the model registry cannot be asked: the model in use goes on answering");
    }
    state.registryProblem = errorMessage(error);
  }
}

async function takeOver(state: HolderState, options: ModelHolderOptions, champion: AliasedVersion): Promise<void> {
  const { version, since, movedBy, reason } = champion;
  const { held, refusal } = state;
  if (held?.version.runId === version.runId) {
    state.refusal = undefined;
    state.held = { ...held, since, movedBy, reason };
    return;
  }
  const now = options.clock.now().getTime();
  if (refusal?.runId === version.runId && now < refusal.retryAtMs) return;
  try {
    const model = await options.load(version);
    state.held = { model, version, since, movedBy, reason };
    state.refusal = undefined;
    options.metrics.modelInUse(version.version);
    options.log.info({ version: version.version, previous: held?.version.version, reason }, "a model took over");
  } catch (error) {
    state.refusal = refuse(options, version, error, refusal);
  }
}

function refuse(
  { clock, log, metrics }: ModelHolderOptions,
  version: ModelVersion,
  error: unknown,
  before: Refusal | undefined,
): Refusal {
  const failures = before?.runId === version.runId ? before.failures + 1 : 1;
  metrics.modelRefused(isMarqueeError(error) ? error.code : "INTERNAL");
  log.error({ err: error, version: version.version, failures }, "the champion was refused");
  const delay = Math.min(MAX_RETRY_DELAY_MS, 1_000 * 2 ** (failures - 1));
  return { runId: version.runId, version: version.version, error, failures, retryAtMs: clock.now().getTime() + delay };
}

function whyNone({ refusal, registryProblem }: HolderState): string {
  if (refusal) return `Version ${refusal.version} is to answer, but failed its checks; the log says why.`;
  if (registryProblem !== undefined) return "The model registry cannot be reached, so no model was loaded yet.";
  return "No model is in production yet: none was trained, or none has passed the gate.";
}

function checksOf(state: HolderState): Check[] {
  return [
    { name: "model", severity: "required", problem: () => (state.held ? undefined : whyNone(state)) },
    {
      name: "newest champion",
      severity: "degraded",
      problem: () => {
        const { held, refusal } = state;
        if (!held || !refusal) return undefined;
        return `Version ${refusal.version} was refused (${errorMessage(refusal.error)}); version ${held.version.version} goes on answering.`;
      },
    },
    { name: "model registry", severity: "degraded", problem: () => state.registryProblem },
  ];
}
