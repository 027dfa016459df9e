import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { StepContext } from "../tasks/task-context.ts";
import { COUNTED_TABLES } from "./catalog-figures.ts";
import { lastGoodFigures, saveChecks } from "./check-store.ts";
import { type Figure, figureKey, type Layer, type QualityCheck } from "./quality-check.ts";

/** A subject whose `rows` the gate watches, and what to count of it. */
interface Counted {
  layer: Layer;
  subject: string;
  from: string;
}

const COUNTED: readonly Counted[] = [
  ...["imdb_titles", "imdb_crew", ...COUNTED_TABLES].map((table) => ({
    layer: "silver" as const,
    subject: table,
    from: table,
  })),
  { layer: "silver", subject: "movies", from: "movies where deleted_at is null" },
  { layer: "gold", subject: "feature_movies", from: "feature_movies" },
  // Nobody knows any more which of the films that are gone had a mature rating: as many as all of them may be missing.
  { layer: "gold", subject: "mature films", from: "feature_movies" },
];

/**
 * Does work that removes rows on purpose, such as those whose time is up, and has the quality gate expect as many fewer
 * from then on: what the last good run had, less what went. Of work that fails half-way what it removed counts too; after
 * a kill the next load may stop, and asks a person.
 * @param context of a step's run, which keeps the new figures
 */
export async function expectFewerRows<T>(context: StepContext, work: () => Promise<T>): Promise<T> {
  const before = await countRows(context.database);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await noteRemovals(context, before).catch((cause: unknown) =>
      context.log.warn({ err: cause }, "could not note for the quality gate how many rows were removed"),
    );
    throw error;
  }
  await noteRemovals(context, before);
  return result;
}

type Counts = ReadonlyMap<string, number>;

async function countRows(queries: Queries): Promise<Counts> {
  const counts = COUNTED.map(
    ({ subject, from }) => `select '${subject}' as subject, count(*)::float8 as rows from ${from}`,
  );
  const rows = await queries.query<{ subject: string; rows: number }>(counts.join(" union all "));
  return new Map(rows.map(({ subject, rows: count }) => [subject, count]));
}

async function noteRemovals({ database, runId, clock }: StepContext, before: Counts): Promise<void> {
  const after = await countRows(database);
  const figures = COUNTED.map(({ layer, subject }): Figure => ({ layer, subject, metric: "rows", value: null }));
  const last = await lastGoodFigures(database, figures);
  const checks = figures.flatMap((figure): QualityCheck[] => {
    const removed = (before.get(figure.subject) ?? 0) - (after.get(figure.subject) ?? 0);
    const known = last.get(figureKey(figure));
    if (removed <= 0 || known === undefined) return [];
    const expected = `${removed.toLocaleString("en")} fewer than before: their time was up`;
    return [{ ...figure, value: Math.max(0, known - removed), expected, verdict: "pass" }];
  });
  await saveChecks(database, runId, checks, clock.now());
}
