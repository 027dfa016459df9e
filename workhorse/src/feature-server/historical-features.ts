import { type EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { OpenObjectStoreOptions } from "@marquee/shared/backing/object-store/open-object-store";
import { viewKey } from "@marquee/shared/features/feature-view";
import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { errorOf } from "../worker/task-channel.ts";
import type { ServedService } from "./feature-plan.ts";
import { type HistoricalFormat, tooLarge } from "./historical-answer.ts";
import type { HistoricalOutcome, HistoricalWork } from "./historical-thread.ts";

/**
 * Of the thread's JavaScript; DuckDB's memory has a limit of its own. V8 ends the whole process where it finds no way
 * to end the thread alone, as within JSON.parse: so no body may unfold to as much (MAX_PARTS of a request).
 */
const THREAD_HEAP_MB = 512;

export interface HistoricalOptions {
  /** The newest dataset's hash; undefined before there is one. */
  newestDataset: () => Promise<string | undefined>;
  /** Opened anew by each thread. */
  objectStore: OpenObjectStoreOptions;
  /** Where copies of datasets' files lie; undefined: the offline store's own place. */
  cacheFolder: string | undefined;
  services: readonly ServedService[];
}

/**
 * @param signal aborted by who hangs up: what has not begun by then does not begin
 * @returns a Parquet file or JSON
 * @throws BODY_NOT_JSON, REQUEST_INVALID (of what memory does not suffice for, too), FEATURE_UNKNOWN; NOT_READY
 */
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
  return async (body, format, signal) => {
    const answer = last.then(async () => {
      signal.throwIfAborted();
      const dataset = await options.newestDataset();
      if (dataset === undefined) {
        throw new MarqueeError("NOT_READY", "There is no feature dataset yet: the first features run makes it.", {
          retryAfterSeconds: 60,
        });
      }
      return inThread({ dataset, services, body, format, objectStore, cacheFolder });
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

/**
 * A thread that has begun is let come to its end, whoever has hung up: to end one amid DuckDB's work aborts the process
 * (an uncaught Napi::Error). It tells last, once DuckDB is closed.
 */
async function inThread(work: Omit<HistoricalWork, "scratch">): Promise<Uint8Array<ArrayBuffer>> {
  const folder = work.cacheFolder ?? tmpdir();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(folder, "marquee-history-"));
  const thread = new Worker(new URL("./historical-thread.ts", import.meta.url), {
    workerData: { ...work, scratch } satisfies HistoricalWork,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
  });
  try {
    return await answerOf(thread);
  } finally {
    await thread.terminate();
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Waiting for a message alone would last for ever where a thread ends without one.
 * @throws what the thread tells; REQUEST_INVALID where its memory did not suffice
 */
export async function answerOf(thread: EventEmitter): Promise<Uint8Array<ArrayBuffer>> {
  const ended = new AbortController();
  thread.once("exit", () => ended.abort(new MarqueeError("INTERNAL", "The thread has ended without an answer.")));
  const told = once(thread, "message", { signal: ended.signal }).catch((error: unknown) => {
    throw systemCode(error) === "ERR_WORKER_OUT_OF_MEMORY" ? tooLarge(error) : error;
  });
  const [outcome] = (await told) as [HistoricalOutcome];
  if ("failure" in outcome) throw errorOf(outcome.failure);
  return outcome.answer;
}
