import type { Logger } from "@marquee/shared/service/logger";
import { TASK_TABLE } from "@marquee/workhorse/tasks/task-table";
import type { WorkContext } from "@marquee/workhorse/tasks/work-context";
import type { ExecuteTask } from "@marquee/workhorse/worker/execute-task";
import type { Sources } from "./sources.ts";

export interface ExecuteHereOptions {
  /** What tasks work on beside the sources: this process's own, so that the online store may be in its memory. */
  work: Omit<WorkContext, "sources" | "log" | "signal" | "onProgress">;
  sources: Sources;
  log: Logger;
}

/** Each task in this process, which it cannot be killed in: it ends at its next safe point once aborted. */
export function createExecutorHere({ work, sources, log }: ExecuteHereOptions): ExecuteTask {
  return async ({ runId, task, input }, { signal, onProgress }) => {
    const own = log.child({ traceId: runId, task });
    const { close, ...clients } = sources.open(signal);
    own.info("task began");
    try {
      const result = await TASK_TABLE[task](input, { ...work, sources: clients, log: own, signal, onProgress });
      own.info({ rowsIn: result.rowsIn, rowsOut: result.rowsOut }, "task succeeded");
      return result;
    } catch (error) {
      if (signal.aborted) own.info("task stopped");
      else own.error({ err: error }, "task failed");
      throw error;
    } finally {
      await close();
    }
  };
}
