import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import type { Clock } from "@marquee/shared/service/clock";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { Archive } from "../archive/archive.ts";
import { loadCatalog } from "../catalog/load-catalog.ts";
import { type BuildOptions, buildFeatures } from "../feature-store/build-features.ts";
import { materialize } from "../feature-store/materialize.ts";
import type { SourceClients } from "../sources/source-clients.ts";
import { artifactKeyOf } from "./artifact-key.ts";
import { collect } from "./collect.ts";
import { gateModel } from "./gate-model.ts";
import type { TaskContext } from "./task-context.ts";
import type { StepDefinition } from "./tracked-step.ts";
import type { TrainedRun } from "./trained-run.ts";
import { readTrainingInput, type TrainTaskOptions } from "./training-input.ts";
import { type ArchiveListing, verifyArchive } from "./verify-archive.ts";

/** Of one source once; who wants what is new there says that nothing of the last collection is still there. */
export function collectStep(sources: SourceClients, archive: Archive): StepDefinition {
  return {
    step: "collect",
    inputHash: sources.identity,
    work: (context) => collect(context, sources, archive),
  };
}

/** Reads every object of the archive back. */
export function archiveStep(archive: Archive, listing: ArchiveListing): StepDefinition {
  return {
    step: "archive",
    inputHash: listing.hash,
    work: (context) => verifyArchive(context, archive, listing),
  };
}

/** Archive to typed rows. */
export function catalogStep(archive: Archive, listing: ArchiveListing): StepDefinition {
  return { step: "catalog", inputHash: listing.hash, work: (context) => loadCatalog(context, archive) };
}

/** @param catalogHash identity of the catalog's content */
export function featuresStep(catalogHash: string, clock: Clock, options: BuildOptions): StepDefinition {
  const today: CalendarDate = dayOf(clock.now());
  return {
    step: "features",
    inputHash: `${catalogHash} ${RATING_VIEWS_HASH} ${today} ${options.maturityDays}`,
    work: (context) => buildFeatures(context, options),
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

/** Always runs: what lies in the online store only it knows. */
export function materializeStep(onlineStore: OnlineStore, options: BuildOptions): StepDefinition {
  return { step: "materialize", work: (context) => materialize(context, onlineStore, options) };
}
