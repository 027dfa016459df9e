import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { createArchive } from "../archive/archive.ts";
import { ARCHIVE_SOURCES, type ArchiveSource } from "../archive/manifest.ts";
import { expectFewerRows } from "../data-quality/expect-fewer-rows.ts";
import { withStepLocks } from "../tasks/step-lock.ts";
import type { StepContext, TaskContext } from "../tasks/task-context.ts";
import { type Step, trackedStep } from "../tasks/tracked-step.ts";
import { reapplyErasures } from "./erase-user.ts";
import { expireDatasets } from "./expire-datasets.ts";
import { expireFetches, listFetches } from "./expire-fetches.ts";
import { expireImdbRows } from "./expire-imdb.ts";
import { expireOwnData } from "./expire-own-data.ts";
import { expireTmdbRows } from "./expire-tmdb.ts";
import { keptFrom, refetchedFrom } from "./retention-limits.ts";
import type { RetentionDays } from "./retention-settings.ts";

/** The steps that read or write what a source's retention removes, in the order in which their locks are taken. */
const STEPS_OF_SOURCES: readonly Step[] = ["collect", "archive", "catalog", "features"];

/**
 * Removes everything that has been kept for long enough. Killed at any moment it goes on the next time; doing it again
 * removes nothing.
 * @returns rowsIn: what was removed; rowsOut: 0; detail: `removed` rows and objects by place, `keptFrom` by setting, and
 * users who were `erasedAgain` since a backup from before was restored
 */
export async function applyRetention(context: TaskContext, days: RetentionDays): Promise<TaskResult> {
  // Else a restore that was killed at its end, or one by hand, would leave them for ever.
  const erasures = await reapplyErasures({ database: context.database, noteStores: [context.objectStore] });
  const removed: Record<string, number> = await expireOwnData(context, days);
  if (days.tmdb > 0 || days.imdb > 0) {
    await trackedStep(context, {
      step: "retention",
      work: async (running) => {
        const ofSources = await withStepLocks(running, STEPS_OF_SOURCES, () => expireSources(running, days));
        Object.assign(removed, ofSources);
        return { rowsIn: sum(ofSources), rowsOut: 0, detail: ofSources };
      },
    });
  }
  Object.assign(removed, await expireFeatures(context, days));
  const now = context.clock.now();
  const from = Object.entries(days).map(([name, limit]) => [name, keptFrom(limit, now)?.toISOString() ?? "for ever"]);
  return {
    rowsIn: sum(removed),
    rowsOut: 0,
    detail: { removed, keptFrom: Object.fromEntries(from), erasedAgain: erasures },
  };
}

function expireSources(context: StepContext, days: RetentionDays): Promise<Record<string, number>> {
  return expectFewerRows(context, async () => {
    const removed: Record<string, number> = {};
    for (const source of ARCHIVE_SOURCES) {
      for (const [place, count] of Object.entries(await expireSource(context, source, days[source]))) {
        removed[place] = (removed[place] ?? 0) + count;
      }
    }
    return removed;
  });
}

/** A build that has stored its files and not yet said so must not lose them, so none may run. */
async function expireFeatures(context: TaskContext, days: RetentionDays): Promise<Record<string, number>> {
  const now = context.clock.now();
  const [ofTmdb, ofImdb] = [keptFrom(days.tmdb, now), keptFrom(days.imdb, now)];
  const allowedFrom = ofTmdb && ofImdb && ofTmdb < ofImdb ? ofImdb : (ofTmdb ?? ofImdb);
  const limits = { keptFrom: keptFrom(days.features, now), allowedFrom };
  if (limits.keptFrom === undefined && allowedFrom === undefined) return {};
  return withStepLocks(context, ["features"], () => expireDatasets(context, limits));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Rows first: what is left of the archive when it is killed says what is still to be removed. */
async function expireSource(
  context: TaskContext,
  source: ArchiveSource,
  days: number,
): Promise<Record<string, number>> {
  const now = context.clock.now();
  const [from, refetched] = [keptFrom(days, now), refetchedFrom(days, now)];
  if (from === undefined || refetched === undefined) return {};
  const limits = { keptFrom: from, refetchedFrom: refetched };
  const fetches = await listFetches(createArchive(context.objectStore, context.clock));
  const rows =
    source === "tmdb" ? await expireTmdbRows(context, limits) : await expireImdbRows(context, { fetches, ...limits });
  const removed = await expireFetches(context, { source, fetches, keptFrom: from });
  return { ...rows, "archive objects": removed.objects, "archive manifests": removed.manifests };
}
