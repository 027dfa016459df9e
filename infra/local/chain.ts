import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import { isMarqueeError } from "@marquee/shared/service/errors";
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
import { type ArchiveListing, listArchive } from "@marquee/workhorse/tasks/verify-archive";
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
    (run) => `${count(run.rowsIn)} fetches, ${megabytes(Number(run.detail.bytes))}, ${verifiedWords(run)}`,
  );
  if (await refreshFeatures(chain, archive, listing)) await train(chain);
  await register(chain);
  await serve(chain);
}

/**
 * Brings catalog and features up to the archive. What the quality gate stops is told, and the product starts with the
 * features and the model of before.
 * @returns false where it was stopped
 * @throws QUALITY_STOPPED where there is no model of before
 */
async function refreshFeatures(chain: ChainOptions, archive: Archive, listing: ArchiveListing): Promise<boolean> {
  try {
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
    return true;
  } catch (error) {
    const stopped = isMarqueeError(error, "QUALITY_STOPPED");
    if (!stopped || !(await latestTrainedRun(contextOf(chain)))) throw error;
    chain.reporter.line(`  ${error.message}`);
    return false;
  }
}

async function collect(chain: ChainOptions, archive: Archive): Promise<void> {
  const { onNotice } = contextOf(chain);
  const { close, ...clients } = chain.sources.open(chain.signal, onNotice);
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

/** What lies online from before the quality gate's stop, as it does in a Redis, is what predictions are answered from. */
async function serve(chain: ChainOptions): Promise<void> {
  try {
    await chain.reporter.step(
      "serve",
      (onProgress) => trackedStep(contextOf(chain, onProgress), materializeStep(chain.onlineStore)),
      ({ rowsOut, detail }) => {
        const all = rowsOut === detail.values;
        return `${count(Number(detail.values))} entries in the online store${all ? "" : `, ${count(rowsOut)} of them written now`}`;
      },
    );
  } catch (error) {
    if (!isMarqueeError(error, "QUALITY_STOPPED")) throw error;
    chain.reporter.line("  The online store stays as it was before the stop.");
  }
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
  return { maturityDays: options.MATURITY_DAYS, actor: options.MARQUEE_ACTOR };
}

function contextOf(chain: ChainOptions, onProgress: TaskContext["onProgress"] = () => undefined): TaskContext {
  const { database, objectStore, clock, log, signal, reporter } = chain;
  const onNotice = (text: string) => reporter.line(`  ${text}`);
  return { database, objectStore, clock, log, signal, onProgress, onNotice };
}

function verifiedWords({ rowsIn, rowsOut, unchanged }: StepRun): string {
  if (unchanged) return "as verified when they came";
  if (rowsIn === rowsOut) return "each read back and compared with its hash";
  return `${count(rowsOut)} read back now, ${count(rowsIn - rowsOut)} as verified before`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
