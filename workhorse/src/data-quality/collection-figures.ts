import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { z } from "zod";
import type { RequestOutcome } from "../sources/request-counts.ts";
import type { Figure, Metric } from "./quality-check.ts";

/** How a request ends that was answered as it should be; a film that is gone is an answer too. */
export const ANSWERED: ReadonlySet<string> = new Set<RequestOutcome>(["ok", "unchanged", "not_found"]);

/** By source and outcome, as `collect` tells it. */
const requestsSchema = z.record(z.string(), z.record(z.string(), z.number()));

/** What a collection brought, and how hard its sources were to reach. How much is new on a day is the sources' to say. */
export function collectionFigures({ rowsIn, rowsOut, detail }: TaskResult): Figure[] {
  const { requests, ...brought } = detail;
  const counted = Object.entries({ rows_in: rowsIn, rows_out: rowsOut, ...brought }).flatMap(([name, value]) =>
    typeof value === "number" ? [bronze("collection", `count ${name}`, value)] : [],
  );
  const bySource = Object.entries(requestsSchema.parse(requests ?? {}));
  return [...counted, ...bySource.flatMap(([source, outcomes]) => requestFigures(source, outcomes))];
}

function requestFigures(source: string, outcomes: Record<string, number>): Figure[] {
  const total = sum(Object.values(outcomes));
  if (total === 0) return [];
  const faults = sum(Object.entries(outcomes).map(([outcome, count]) => (ANSWERED.has(outcome) ? 0 : count)));
  const subject = `${source} requests`;
  return [bronze(subject, "count requests", total), bronze(subject, "fault_share", faults / total)];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function bronze(subject: string, metric: Metric, value: number): Figure {
  return { layer: "bronze", subject, metric, value };
}
