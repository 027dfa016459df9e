import { z } from "zod";
import { pipeline } from "./pipeline.ts";

export const skew = pipeline("skew", {
  description: "Whether the features that serving reads are those that training has seen, on a sample of films.",
  parameters: z.strictObject({}),
  tasks: {
    // Minutes at 500,000 films; the next one comes within the hour.
    "check-skew": { timeLimitSeconds: 1_800, retries: 1 },
  },
});
