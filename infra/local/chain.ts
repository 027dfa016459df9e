import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import { type Archive, createArchive } from "@marquee/workhorse/archive/archive";
import type { BuildOptions } from "@marquee/workhorse/feature-store/build-features";
import {
  archiveStep,
  catalogStep,
  collectStep,
  featuresStep,
  materializeStep,
  registerStep,
  trainStep,
} from "@marquee/workhorse/tasks/steps";
import type { TaskContext } from "@marquee/workhorse/tasks/task-context";
import { type StepDefinition, type StepRun, trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { latestTrainedRun } from "@marquee/workhorse/tasks/trained-run";
import { listArchive } from "@marquee/workhorse/tasks/verify-archive";
import type { LocalOptions } from "./options.ts";
import { count, type Reporter } from "./reporter.ts";
import type { Sources } from "./sources.ts";

export interface ChainOptions {
  options: LocalOptions;
  database: Database;
  objectStore: ObjectStore;
  onlineStore: OnlineStore;
  sources: Sources;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  reporter: Reporter;
}

/** Runs the chain up to a model in production and features online. A step whose input is unchanged has nothing to do. */
export async function runChain(chain: ChainOptions): Promise<void> {
  const archive = createArchive(chain.objectStore, chain.clock);
  await collect(chain, archive);
  const listing = await listArchive(archive);
  await step(
    chain,
    archiveStep(archive, listing),
    ({ detail, unchanged }) =>
      `${count(Number(detail.fetches))} fetches, ${megabytes(Number(detail.bytes))}, ${unchanged ? "as verified when they came" : "each read back and compared with its hash"}`,
  );
  const catalog = await step(
    chain,
    catalogStep(archive, listing),
    ({ rowsOut, detail }) =>
      `${count(rowsOut)} films, ${count(Number(detail.rated))} rated by IMDb, ${count(Number(detail.quarantined))} quarantined, hash ${String(detail.hash).slice(0, 12)}`,
  );
  await step(
    chain,
    featuresStep(String(catalog.detail.hash), chain.clock, buildOptions(chain)),
    ({ rowsOut, detail }) =>
      `${count(rowsOut)} films as of their release, ${count(Number(detail.mature))} with a mature rating`,
  );
  await train(chain);
  await register(chain);
  await chain.reporter.step(
    "serve",
    (onProgress) => trackedStep(contextOf(chain, onProgress), materializeStep(chain.onlineStore, buildOptions(chain))),
    ({ rowsOut }) => `${count(rowsOut)} entries in the online store`,
  );
}

async function collect(chain: ChainOptions, archive: Archive): Promise<void> {
  const { close, ...clients } = chain.sources.open(chain.signal);
  try {
    // Collected once; what is new at the sources is the daily pipeline's.
    await step(
      chain,
      collectStep(clients, archive),
      ({ rowsIn, detail }) => `${count(rowsIn)} films, ${count(Number(detail.files))} IMDb files`,
    );
  } finally {
    await close();
  }
}

async function train(chain: ChainOptions): Promise<void> {
  const { TRAINING_BACKEND: backend, TRAINING_SEED: seed, TRAINING_TEST_FROM: testFrom } = chain.options;
  const settings = { seed, ...(testFrom === undefined ? {} : { testFrom }) };
  await step(
    chain,
    await trainStep(contextOf(chain), { backend, settings }),
    ({ rowsIn }) => `a model of ${count(rowsIn)} films`,
  );
}

async function register(chain: ChainOptions): Promise<void> {
  const run = await latestTrainedRun(contextOf(chain));
  if (!run) return;
  await step(
    chain,
    registerStep(run),
    ({ rowsOut, detail }) =>
      `version ${String(detail.version)} ${rowsOut > 0 ? "is champion" : "was refused by the gate"}`,
  );
}

async function step(
  chain: ChainOptions,
  definition: StepDefinition,
  words: (run: StepRun) => string,
): Promise<StepRun> {
  return chain.reporter.step(
    definition.step,
    (onProgress) => trackedStep(contextOf(chain, onProgress), definition),
    (run) => `${words(run)}${run.unchanged ? " (unchanged)" : ""}`,
  );
}

function buildOptions({ options }: ChainOptions): BuildOptions {
  return { maturityDays: options.MATURITY_DAYS };
}

function contextOf(chain: ChainOptions, onProgress: TaskContext["onProgress"] = () => undefined): TaskContext {
  const { database, objectStore, clock, log, signal } = chain;
  return { database, objectStore, clock, log, signal, onProgress };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
