import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import type { Clock } from "@marquee/shared/service/clock";
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

/** Always runs: what is new at the sources only they know. */
export function collectStep(sources: SourceClients, archive: Archive): StepDefinition {
  return { step: "collect", work: (context) => collect(context, sources, archive) };
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

/** An equal set with equal options would give an equal model: nothing is trained then. */
export async function trainStep(context: TaskContext, options: TrainTaskOptions): Promise<StepDefinition> {
  const input = await readTrainingInput(context, options);
  return {
    step: "train",
    inputHash: input.hash,
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

/** Registers the run's model and lets the gate decide. */
export function registerStep(run: TrainedRun): StepDefinition {
  return { step: "register", work: (context) => gateModel(context, run) };
}

/** Always runs: what lies in the online store only it knows. */
export function materializeStep(onlineStore: OnlineStore, options: BuildOptions): StepDefinition {
  return { step: "materialize", work: (context) => materialize(context, onlineStore, options) };
}
