import { z } from "zod";
import { pipeline } from "./pipeline.ts";

export const retention = pipeline("retention", {
  description: "Removes what has been kept for long enough.",
  parameters: z.strictObject({}),
  tasks: {
    // Where a source's time is limited it waits for a collection to end, which may take twelve hours.
    retention: { timeLimitSeconds: 14 * 3_600 },
  },
});
