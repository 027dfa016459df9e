import { createMetrics, type Metrics, mergedText } from "@marquee/shared/service/metrics";

const PARTS = ["serving", "scheduler", "worker", "feature-server", "logs", "events", "quality"] as const;

/** A registry for each part that is a process of its own elsewhere, and `local` for what is the process's. */
export type PartMetrics = Record<(typeof PARTS)[number] | "local", Metrics>;

/** Under the names and labels that the parts' own processes give them; what serving shows at `/metrics` is all of them. */
export function createPartMetrics(): PartMetrics {
  const local = createMetrics("local");
  const parts = Object.fromEntries(PARTS.map((part) => [part, createMetrics(part, { ofProcess: false })])) as Record<
    (typeof PARTS)[number],
    Metrics
  >;
  const all = [local, ...Object.values(parts)];
  return { ...parts, local, serving: { ...parts.serving, text: () => mergedText(all) } };
}
