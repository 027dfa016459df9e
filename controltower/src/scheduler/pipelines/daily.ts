import { z } from "zod";
import { pipeline } from "./pipeline.ts";

const HOUR = 3_600;

export const daily = pipeline("daily", {
  description: "What is new at the sources, as far as features that predictions are made from.",
  parameters: z.strictObject({}),
  tasks: {
    // A first collection asks for every film once, at the source's pace.
    collect: { timeLimitSeconds: 12 * HOUR },
    catalog: { after: ["collect"], timeLimitSeconds: 2 * HOUR },
    features: { after: ["catalog"], timeLimitSeconds: 2 * HOUR },
    materialize: { after: ["features"], timeLimitSeconds: HOUR },
  },
});
