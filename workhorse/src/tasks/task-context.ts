import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";

/** How far a task is; `total` is left out while nobody knows. */
export interface Progress {
  done: number;
  total?: number;
  /** What is counted, in the plural: `films`, `ratings`. */
  unit: string;
  /** Something to tell beside the count, such as the loss of an epoch. */
  note?: string;
}

/** What every task is given. */
export interface TaskContext {
  database: Database;
  objectStore: ObjectStore;
  /** Where copies of feature datasets' files lie; among the system's temporary ones unless given. */
  cacheFolder?: string | undefined;
  clock: Clock;
  log: Logger;
  /** Aborted when the task is to end; it then leaves what it has committed and throws. */
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  /** Takes one sentence for whoever waits for the task: what it waits for, or why it takes longer. The log has it, too. */
  onNotice?: ((text: string) => void) | undefined;
}

/** What the work of a tracked step is given. */
export interface StepContext extends TaskContext {
  /** Of the step's run, under which its quality figures are kept. */
  runId: string;
}
