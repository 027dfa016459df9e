import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { OpenObjectStoreOptions } from "@marquee/shared/backing/object-store/open-object-store";
import { viewKey } from "@marquee/shared/features/feature-view";
import { MarqueeError } from "@marquee/shared/service/errors";
import { errorOf } from "../worker/task-channel.ts";
import type { ServedService } from "./feature-plan.ts";
import type { HistoricalFormat } from "./historical-answer.ts";
import type { HistoricalOutcome, HistoricalWork } from "./historical-thread.ts";

/** One join uses every core; who comes while so many wait is to come again. */
const MAX_WAITING = 8;
const RETRY_AFTER_SECONDS = 10;
/** Of the thread's JavaScript; DuckDB's memory has a limit of its own. */
const THREAD_HEAP_MB = 1_024;

export interface HistoricalOptions {
  /** The newest dataset's hash; undefined before there is one. */
  newestDataset: () => Promise<string | undefined>;
  /** Opened anew by each thread. */
  objectStore: OpenObjectStoreOptions;
  /** Where copies of datasets' files lie; undefined: the offline store's own place. */
  cacheFolder: string | undefined;
  services: readonly ServedService[];
}

/** @returns a Parquet file or JSON. @throws BODY_NOT_JSON, REQUEST_INVALID, FEATURE_UNKNOWN; NOT_READY */
export type HistoricalFeatures = (
  body: string,
  format: HistoricalFormat,
  signal: AbortSignal,
) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Answers questions for features as they stood, over the newest dataset: each in a thread of its own, one after the
 * other, so that neither reading 100,000 rows nor writing them as JSON keeps an online answer waiting.
 */
export function createHistoricalFeatures(options: HistoricalOptions): HistoricalFeatures {
  const services = Object.fromEntries(options.services.map(({ name, views }) => [name, views.map(viewKey)]));
  const { objectStore, cacheFolder } = options;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (body, format, signal) => {
    if (waiting >= MAX_WAITING) {
      throw notReady(`${waiting} questions for historical features are before this one`, RETRY_AFTER_SECONDS);
    }
    waiting++;
    const answer = last.then(async () => {
      signal.throwIfAborted();
      const dataset = await options.newestDataset();
      if (dataset === undefined) throw notReady("There is no feature dataset yet: the first features run makes it", 60);
      return inThread({ dataset, services, body, format, objectStore, cacheFolder }, signal);
    });
    last = answer.catch(() => undefined).finally(() => waiting--);
    return answer;
  };
}

async function inThread(workerData: HistoricalWork, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const thread = new Worker(new URL("./historical-thread.ts", import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
  });
  try {
    const [outcome] = (await once(thread, "message", { signal })) as [HistoricalOutcome];
    if ("failure" in outcome) throw errorOf(outcome.failure);
    return outcome.answer;
  } finally {
    await thread.terminate();
  }
}

function notReady(what: string, retryAfterSeconds: number): MarqueeError {
  return new MarqueeError("NOT_READY", `${what}.`, { retryAfterSeconds });
}
