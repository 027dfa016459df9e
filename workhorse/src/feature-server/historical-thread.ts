import { parentPort, workerData } from "node:worker_threads";
import { type OpenObjectStoreOptions, openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { createOfflineStore } from "../offline-store/create-offline-store.ts";
import { failureOf, type TaskFailure } from "../worker/task-channel.ts";
import { answerHistorical, type HistoricalAnswerOptions } from "./historical-answer.ts";

/** What the thread is given. */
export interface HistoricalWork extends Omit<HistoricalAnswerOptions, "dataset"> {
  /** Hash of the dataset. */
  dataset: string;
  objectStore: OpenObjectStoreOptions;
  cacheFolder: string | undefined;
}

/** What it tells, once; then it ends. */
export type HistoricalOutcome = { answer: Uint8Array<ArrayBuffer> } | { failure: TaskFailure };

async function work({ dataset: hash, objectStore, cacheFolder, ...question }: HistoricalWork): Promise<void> {
  const offlineStore = createOfflineStore({
    objectStore: await openObjectStore(objectStore),
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
  });
  const dataset = await offlineStore.open(hash);
  // Told last: who hears it ends the thread, and with it what has not been tidied up.
  const answer = await answerHistorical({ ...question, dataset }).finally(() => dataset.close());
  tell({ answer }, [answer.buffer]);
}

function tell(outcome: HistoricalOutcome, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(outcome, transfer);
}

await work(workerData as HistoricalWork).catch((error: unknown) => tell({ failure: failureOf(error) }));
