import { MODEL_ALIASES } from "@marquee/shared/contracts/model-version";
import { instantSchema } from "@marquee/shared/contracts/time";
import type { AliasMove } from "@marquee/shared/registry/registry";
import { z } from "zod";

/** `GET /models/history`: how the aliases came to point where they do, the latest move first. */
export const modelHistorySchema = z.object({
  moves: z.array(
    z.object({
      alias: z.enum(MODEL_ALIASES),
      from: z.int().positive().optional().describe("Version that it pointed to before; absent for its first move"),
      to: z.int().positive(),
      movedBy: z.string(),
      reason: z.string(),
      metrics: z.record(z.string(), z.unknown()).describe("The figures that the decision was made by"),
      movedAt: instantSchema,
    }),
  ),
});
export type ModelHistory = z.infer<typeof modelHistorySchema>;

export function modelHistoryOf(moves: readonly AliasMove[]): ModelHistory {
  return { moves: moves.map(({ from, ...move }) => ({ ...move, ...(from === undefined ? {} : { from }) })) };
}
