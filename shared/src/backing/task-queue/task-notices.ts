import type { Queries } from "../postgres/database.ts";
import { type Listener, type ListenOptions, listenTo } from "./listen.ts";

/** A task was put into the queue, or is to be tried again: no payload. */
const TASK_CHANNEL = "marquee_tasks";
/** A task has begun or ended; payload: the run's id. */
const RUN_CHANNEL = "marquee_runs";

/** Who waits for tasks or for runs is woken by these instead of asking all the time. */
export interface TaskNotices {
  /** How many notices of tasks there were; given to `waitForTask`, so that none between is missed. */
  taskNotices(): number;
  /** Resolves at the first notice after `seen`, after the milliseconds, or when aborted. */
  waitForTask(seen: number, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Calls with the id of a run of which a task has begun or ended; with undefined where notices may have been missed. */
  onRun(listener: (runId: string | undefined) => void): void;
  problem(): string | undefined;
  close(): Promise<void>;
}

/** Told when the transaction commits. */
export async function tellOfTask(tx: Queries): Promise<void> {
  await tx.query("select pg_notify($1, '')", [TASK_CHANNEL]);
}

/** Told when the transaction commits. */
export async function tellOfRun(tx: Queries, runId: string): Promise<void> {
  await tx.query("select pg_notify($1, $2)", [RUN_CHANNEL, runId]);
}

export function hearTaskNotices(options: Pick<ListenOptions, "url" | "log">): TaskNotices {
  const waiting = new Set<() => void>();
  const listeners: ((runId: string | undefined) => void)[] = [];
  let heard = 0;
  const wake = () => {
    heard++;
    for (const resolve of waiting) resolve();
  };
  const tell = (runId: string | undefined) => {
    for (const listener of listeners) listener(runId);
  };
  const listener: Listener = listenTo({
    ...options,
    channels: [TASK_CHANNEL, RUN_CHANNEL],
    onNotice: (channel, payload) => (channel === TASK_CHANNEL ? wake() : tell(payload)),
    onGap: () => {
      wake();
      tell(undefined);
    },
  });
  return {
    taskNotices: () => heard,
    waitForTask: async (seen, milliseconds, signal) => {
      if (heard !== seen || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      waiting.add(resolve);
      const onAbort = () => resolve();
      signal.addEventListener("abort", onAbort, { once: true });
      await promise;
      signal.removeEventListener("abort", onAbort);
      waiting.delete(resolve);
      clearTimeout(timer);
    },
    onRun: (added) => {
      listeners.push(added);
    },
    problem: () => listener.problem(),
    close: () => listener.close(),
  };
}
