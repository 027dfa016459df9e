import { z } from "zod";
import { pipeline } from "./pipeline.ts";

export const backup = pipeline("backup", {
  description: "Database and models into the store of backups; then old backups go.",
  parameters: z.strictObject({}),
  tasks: {
    // The recovery point is a day: what takes longer than this is not to be in the way of the next one.
    backup: { timeLimitSeconds: 12 * 3_600 },
  },
});
