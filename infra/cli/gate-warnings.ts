import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { z } from "zod";

const judgedSchema = z.object({ quality: z.object({ warnings: z.array(z.string()) }) });

/** What the quality gate let pass with a warning, a line each, for people; empty where there was none. */
export function gateWarnings({ detail }: TaskResult): string {
  const judged = judgedSchema.safeParse(detail);
  return (judged.data?.quality.warnings ?? []).map((warning) => `Warning: ${warning}`).join("\n");
}
