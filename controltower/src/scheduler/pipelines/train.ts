import { TASKS } from "@marquee/shared/contracts/tasks";
import { pipeline } from "./pipeline.ts";

export const train = pipeline("train", {
  description: "A new model, and whether it becomes champion.",
  parameters: TASKS.train,
  tasks: {
    // Service level: a retrain ends within two hours. Features first: the catalog may be newer than they are.
    features: { timeLimitSeconds: 1_200 },
    train: { after: ["features"], timeLimitSeconds: 5_100, input: ({ parameters }) => parameters },
    gate: {
      after: ["train"],
      timeLimitSeconds: 600,
      input: ({ outputs }) => ({ runId: outputs.train?.detail.runId }),
    },
  },
});
