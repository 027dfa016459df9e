import type { SchedulingOptions } from "@marquee/controltower/scheduler/scheduler";
import type { TaskQueue } from "@marquee/shared/backing/task-queue/task-queue";
import { MarqueeError } from "@marquee/shared/service/errors";

export interface LaterQueue {
  /** Refuses with NOT_READY until it is opened. */
  queue: SchedulingOptions["queue"];
  open(opened: TaskQueue): void;
}

/**
 * A task queue that is opened once predictions are answered, for the routes to pipelines, which must be there before:
 * a server that listens takes no more routes.
 */
export function createLaterQueue(): LaterQueue {
  let opened: TaskQueue | undefined;
  const now = () => {
    if (opened) return opened;
    throw new MarqueeError(
      "NOT_READY",
      "Pipelines cannot be started now: the task queue is not open. /ready says why.",
    );
  };
  return {
    queue: {
      send: async (tx, message, options) => now().send(tx, message, options),
      statesOf: async (queries, taskRunIds) => now().statesOf(queries, taskRunIds),
      onRun: (listener) => now().onRun(listener),
      problem: () => now().problem(),
    },
    open: (queue) => {
      opened = queue;
    },
  };
}
