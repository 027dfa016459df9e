import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { gateCatalog } from "@marquee/workhorse/data-quality/gate-catalog";
import type { StepContext } from "@marquee/workhorse/tasks/task-context";

/**
 * Work that changes the catalog, and the quality gate after it, as every load has it: the latest run of the step says
 * whether the catalog may be used.
 * @throws (the work that is returned) QUALITY_STOPPED
 */
export function gated(
  work: (context: StepContext) => Promise<TaskResult>,
): (context: StepContext) => Promise<TaskResult> {
  return async (context) => {
    const result = await work(context);
    return { ...result, detail: { ...result.detail, quality: await gateCatalog(context) } };
  };
}
