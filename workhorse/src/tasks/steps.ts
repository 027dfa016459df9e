import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TASKS, TaskResult } from "@marquee/shared/contracts/tasks";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { hashViews } from "@marquee/shared/features/view-hash";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { z } from "zod";
import type { Archive } from "../archive/archive.ts";
import { loadCatalog } from "../catalog/load-catalog.ts";
import { isAcceptedSinceLoad } from "../data-quality/accept-run.ts";
import { assertCatalogInUse } from "../data-quality/catalog-in-use.ts";
import { collectionFigures } from "../data-quality/collection-figures.ts";
import { gateCatalog } from "../data-quality/gate-catalog.ts";
import { judgeRun } from "../data-quality/judge-run.ts";
import type { QualitySummary } from "../data-quality/quality-summary.ts";
import { type BuildOptions, buildFeatures } from "../feature-store/build-features.ts";
import { isMaterialized, materialize } from "../feature-store/materialize.ts";
import { createOfflineStore } from "../offline-store/create-offline-store.ts";
import { manifestKey } from "../offline-store/dataset-manifest.ts";
import { latestDataset } from "../offline-store/dataset-records.ts";
import type { TimeRange } from "../offline-store/offline-store.ts";
import type { SourceClients } from "../sources/source-clients.ts";
import { artifactKeyOf } from "./artifact-key.ts";
import { type CollectInput, collect } from "./collect.ts";
import { gateModel } from "./gate-model.ts";
import type { TaskContext } from "./task-context.ts";
import type { StepDefinition } from "./tracked-step.ts";
import type { TrainedRun } from "./trained-run.ts";
import { readTrainingInput, type TrainTaskOptions } from "./training-input.ts";
import { type ArchiveListing, lastVerifiedDays, verifyArchive } from "./verify-archive.ts";

/**
 * Of the same sources once; who wants what is new there says that nothing of the last collection is still there. A part
 * of a collection always runs, and is none that could be taken for the whole.
 */
export function collectStep(sources: SourceClients, archive: Archive, asked: CollectInput = {}): StepDefinition {
  return {
    step: "collect",
    ...(asked.source === undefined && asked.since === undefined ? { inputHash: sources.identity } : {}),
    work: async (context) => {
      const result = await collect(context, sources, archive, asked);
      return judged(result, await judgeRun(context, collectionFigures(result)));
    },
  };
}

/** Reads every object of the archive back, unless `all` only those of days with other fetches than the last time. */
export function archiveStep(archive: Archive, listing: ArchiveListing, { all = false } = {}): StepDefinition {
  return {
    step: "archive",
    inputHash: listing.hash,
    // Damage that somebody has found since is not forgotten.
    stillThere: async (_last, { database }) => Object.keys(await lastVerifiedDays(database)).length > 0,
    work: async (context) =>
      verifyArchive(context, archive, listing, all ? {} : await lastVerifiedDays(context.database)),
  };
}

/** Archive to typed rows, and what they are worth. @throws QUALITY_STOPPED by its work */
export function catalogStep(archive: Archive, listing: ArchiveListing): StepDefinition {
  return {
    step: "catalog",
    inputHash: listing.hash,
    // What a person has accepted since is still to be loaded, though the archive is the same.
    stillThere: async (_last, { database }) => !(await isAcceptedSinceLoad(database)),
    work: async (context) => judged(await loadCatalog(context, archive), await gateCatalog(context)),
  };
}

/** @param catalogHash identity of the catalog's content */
export function featuresStep(catalogHash: string, clock: Clock, options: BuildOptions): StepDefinition {
  const today: CalendarDate = dayOf(clock.now());
  return {
    step: "features",
    inputHash: `${catalogHash} ${hashViews(ALL_VIEWS)} ${today} ${options.maturityDays}`,
    // A backup has the database, not the datasets.
    stillThere: async ({ detail }, { database, objectStore }) => {
      const latest = await latestDataset(database);
      return latest?.hash === detail.dataset && latest !== undefined && objectStore.exists(manifestKey(latest.hash));
    },
    work: async (context) => {
      await assertCatalogInUse(context.database);
      return buildFeatures(context, { ...options, catalogHash });
    },
  };
}

/**
 * Of one set with one choice of options once. How many films a model is tested on where nobody names a day is no part of
 * that choice: all that there is was learned either way.
 */
export async function trainStep(context: TaskContext, options: TrainTaskOptions): Promise<StepDefinition> {
  const input = await readTrainingInput(context, options);
  const { testFilms: _, ...chosen } = options.settings;
  return {
    step: "train",
    inputHash: sha256(canonicalJson({ set: input.set.hash, backend: options.backend, settings: chosen })),
    stillThere: async ({ detail }) => {
      const artifacts = [detail.artifactSha256, detail.testedSha256].filter((hash) => hash !== undefined);
      const there = artifacts.map((hash) => context.objectStore.exists(`${artifactKeyOf(String(hash))}/manifest.json`));
      return !(await Promise.all(there)).includes(false);
    },
    work: async (running) => {
      await assertCatalogInUse(running.database);
      // TensorFlow.js takes time to load and memory to hold: only who trains pays for it.
      const { trainModel } = await import("./train-model.ts");
      return trainModel(running, input);
    },
  };
}

/** Registers the run's model and lets the gate decide, once. */
export function registerStep(run: TrainedRun): StepDefinition {
  return { step: "register", inputHash: run.runId, work: (context) => gateModel(context, run) };
}

/** What of the latest dataset is brought online. */
export type MaterializeInput = z.infer<typeof TASKS.materialize>;

/**
 * Always runs: what lies in the online store only it knows. While the catalog is stopped what lies there stays as it is,
 * and a store that lacks something is filled with what there is, since to answer nothing is worse.
 * @throws DATASET_UNKNOWN by its work, where no features have been built
 */
export function materializeStep(onlineStore: OnlineStore, asked: MaterializeInput = {}): StepDefinition {
  return {
    step: "materialize",
    work: async (context) => {
      const latest = await latestDataset(context.database);
      if (latest === undefined) {
        throw new MarqueeError(
          "DATASET_UNKNOWN",
          "No features have been built that could be brought online. Build them first.",
        );
      }
      const offline = createOfflineStore(context);
      const dataset = await offline.open(latest.hash);
      try {
        const filled = isMaterialized(dataset, ALL_VIEWS, await onlineStore.watermarks());
        if (filled) await assertCatalogInUse(context.database);
        const { mode, views: only, from, to } = asked;
        const range = from === undefined && to === undefined ? undefined : rangeOf(from, to);
        return await materialize(context, {
          ...{ online: onlineStore, offline, dataset, at: latest.builtAt },
          ...{ views: ALL_VIEWS, mode, range, only },
        });
      } finally {
        await dataset.close();
      }
    },
  };
}

/** From the first moment of a day on, and before the first of another. */
function rangeOf(from: CalendarDate | undefined, to: CalendarDate | undefined): TimeRange {
  return {
    ...(from === undefined ? {} : { from: new Date(`${from}T00:00:00Z`) }),
    ...(to === undefined ? {} : { to: new Date(`${to}T00:00:00Z`) }),
  };
}

/** A step's result with what the quality gate says of it. */
function judged(result: TaskResult, quality: QualitySummary): TaskResult {
  return { ...result, detail: { ...result.detail, quality } };
}
