/** A process of ours that runs as a container. */
export interface Service {
  /** The image's name, and that of its Dockerfile. */
  name: string;
  workspace: "workhorse" | "controltower" | "nervous";
  /** Its entry point, from the repository's root. */
  entry: string;
  /** Where it answers /health, /ready and /metrics unless PORT says otherwise. */
  port: number;
}

export const SERVICES: readonly Service[] = [
  { name: "serving", workspace: "controltower", entry: "controltower/src/serving/main.ts", port: 8000 },
  { name: "scheduler", workspace: "controltower", entry: "controltower/src/scheduler/main.ts", port: 8080 },
  { name: "worker", workspace: "workhorse", entry: "workhorse/src/worker/main.ts", port: 9464 },
  {
    name: "feature-server",
    workspace: "workhorse",
    entry: "workhorse/src/feature-server/main.ts",
    port: 6566,
  },
  { name: "logs", workspace: "nervous", entry: "nervous/src/logs/main.ts", port: 9465 },
  { name: "events", workspace: "nervous", entry: "nervous/src/events/main.ts", port: 9466 },
  { name: "quality", workspace: "nervous", entry: "nervous/src/quality/main.ts", port: 9467 },
];
