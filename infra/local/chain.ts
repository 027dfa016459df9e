import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import { dayOf } from "@marquee/shared/contracts/time";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { createRegistry } from "@marquee/shared/registry/registry";
import type { Clock } from "@marquee/shared/service/clock";
import type { Logger } from "@marquee/shared/service/logger";
import { type Archive, createArchive } from "@marquee/workhorse/archive/archive";
import { loadCatalog } from "@marquee/workhorse/catalog/load-catalog";
import { buildFeatures } from "@marquee/workhorse/feature-store/build-features";
import { materialize } from "@marquee/workhorse/feature-store/materialize";
import { fetchImdb } from "@marquee/workhorse/sources/imdb-fetch";
import { crawlTmdb } from "@marquee/workhorse/sources/tmdb-crawl";
import { artifactKeyOf } from "@marquee/workhorse/tasks/artifact-key";
import { latestTrainedRun, registerModel } from "@marquee/workhorse/tasks/register-model";
import type { TaskContext, TaskResult } from "@marquee/workhorse/tasks/task-context";
import { type Step, type StepInput, type StepRun, trackedStep } from "@marquee/workhorse/tasks/tracked-step";
import { readTrainingInput } from "@marquee/workhorse/tasks/training-input";
import { listArchive, verifyArchive } from "@marquee/workhorse/tasks/verify-archive";
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

interface Chain extends ChainOptions {
  archive: Archive;
}

/** Runs the chain up to a model in production and features online. A step whose input is unchanged has nothing to do. */
export async function runChain(given: ChainOptions): Promise<void> {
  const chain: Chain = { ...given, archive: createArchive(given.objectStore, given.clock) };
  await collect(chain);
  const listing = await listArchive(chain.archive);
  await step(chain, "archive", (context) => verifyArchive(context, chain.archive, listing), {
    inputHash: listing.hash,
    words: ({ detail, unchanged }) =>
      `${count(Number(detail.fetches))} fetches, ${megabytes(Number(detail.bytes))}, ${unchanged ? "as verified when they came" : "each read back and compared with its hash"}`,
  });
  const catalog = await step(chain, "catalog", (context) => loadCatalog(context, chain.archive), {
    inputHash: listing.hash,
    words: ({ rowsOut, detail }) =>
      `${count(rowsOut)} films, ${count(Number(detail.rated))} rated by IMDb, ${count(Number(detail.quarantined))} quarantined, hash ${String(detail.hash).slice(0, 12)}`,
  });
  const today = dayOf(chain.clock.now());
  const maturityDays = chain.options.MATURITY_DAYS;
  await step(chain, "features", (context) => buildFeatures(context, { maturityDays }), {
    inputHash: `${String(catalog.detail.hash)} ${RATING_VIEWS_HASH} ${today} ${maturityDays}`,
    words: ({ rowsOut, detail }) =>
      `${count(rowsOut)} films as of their release, ${count(Number(detail.mature))} with a mature rating`,
  });
  await train(chain);
  await register(chain);
  await chain.reporter.step(
    "serve",
    (onProgress) => materialize(contextOf(chain, onProgress), chain.onlineStore, { maturityDays }),
    ({ rowsOut }) => `${count(rowsOut)} entries in the online store`,
  );
}

/** Builds and materialises once more, as of the present day. Tells nothing: it runs beside serving. */
export async function refreshFeatures(chain: ChainOptions): Promise<void> {
  const maturityDays = chain.options.MATURITY_DAYS;
  const context = contextOf(chain);
  await trackedStep(context, "features", () => buildFeatures(context, { maturityDays }));
  await materialize(context, chain.onlineStore, { maturityDays });
}

async function collect(chain: Chain): Promise<void> {
  await step(
    chain,
    "collect",
    async (context) => {
      const { tmdb, imdb, close } = await chain.sources.open();
      try {
        const films = await crawlTmdb(context, {
          tmdb,
          archive: chain.archive,
          minVotes: chain.sources.minVotes,
          crawl: chain.sources.identity,
        });
        const files = await fetchImdb(context, { imdb, archive: chain.archive });
        return { rowsIn: films.rowsIn, rowsOut: films.rowsOut, detail: { ...films.detail, ...files.detail } };
      } finally {
        await close();
      }
    },
    // A crawl is done once; the daily pipeline brings what is new.
    {
      inputHash: chain.sources.identity,
      words: ({ rowsOut, detail }) => `${count(rowsOut)} films, ${count(Number(detail.files))} IMDb files`,
    },
  );
}

async function train(chain: Chain): Promise<void> {
  const { TRAINING_BACKEND: backend, TRAINING_SEED: seed, TRAINING_TEST_FROM: testFrom } = chain.options;
  const options = { backend, settings: { seed, ...(testFrom === undefined ? {} : { testFrom }) } };
  const input = await readTrainingInput(contextOf(chain), options);
  await step(
    chain,
    "train",
    async (context) => {
      // TensorFlow.js takes time to load and memory to hold: only a start that trains pays for it.
      const { trainModel } = await import("@marquee/workhorse/tasks/train-model");
      return trainModel(context, input);
    },
    {
      inputHash: input.hash,
      stillThere: ({ detail }) =>
        chain.objectStore.exists(`${artifactKeyOf(String(detail.artifactSha256))}/manifest.json`),
      words: ({ rowsIn }) => `a model of ${count(rowsIn)} films`,
    },
  );
}

async function register(chain: Chain): Promise<void> {
  const run = await latestTrainedRun(contextOf(chain));
  if (!run) return;
  const registry = createRegistry(chain.database, chain.clock);
  await step(chain, "register", (context) => registerModel(context, registry, run), {
    inputHash: run.runId,
    words: ({ rowsOut, detail }) =>
      `version ${String(detail.version)} ${rowsOut > 0 ? "is champion" : "was refused by the gate"}`,
  });
}

interface StepOptions extends StepInput {
  words: (run: StepRun) => string;
}

async function step(
  chain: Chain,
  name: Step,
  work: (context: TaskContext) => Promise<TaskResult>,
  { words, ...input }: StepOptions,
): Promise<StepRun> {
  return chain.reporter.step(
    name,
    (onProgress) => {
      const context = contextOf(chain, onProgress);
      return trackedStep(context, name, () => work(context), input);
    },
    (run) => `${words(run)}${run.unchanged ? " (unchanged)" : ""}`,
  );
}

function contextOf(chain: ChainOptions, onProgress: TaskContext["onProgress"] = () => undefined): TaskContext {
  const { database, objectStore, clock, log, signal } = chain;
  return { database, objectStore, clock, log, signal, onProgress };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
