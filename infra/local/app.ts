import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExampleFilm } from "@marquee/controltower/serving/api-examples";
import { createServing } from "@marquee/controltower/serving/app";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { lockFolder } from "@marquee/shared/backing/postgres/folder-lock";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { createRegistry } from "@marquee/shared/registry/registry";
import { type Clock, systemClock } from "@marquee/shared/service/clock";
import { listen } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { Logger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { type ChainOptions, refreshFeatures, runChain } from "./chain.ts";
import { claimDatabase } from "./claim-database.ts";
import { claimObjectStore } from "./claim-object-store.ts";
import { emptyProfile } from "./empty-profile.ts";
import { findExampleFilm } from "./example-film.ts";
import type { LocalOptions } from "./options.ts";
import type { Profile } from "./profile.ts";
import type { Reporter } from "./reporter.ts";
import { readyScreen } from "./screen.ts";
import { createSources } from "./sources.ts";
import { answerWhileStarting } from "./startup-gate.ts";

export interface LocalApp {
  options: LocalOptions;
  profile: Profile;
  log: Logger;
  lifecycle: Lifecycle;
  reporter: Reporter;
}

/** Addresses under which this machine reaches itself by name. */
const LOCAL_HOSTS = new Set(["0.0.0.0", "127.0.0.1", "::", "::1"]);
/** Features count as fresh for 26 hours, so that even a refresh or two may fail. */
const REFRESH_INTERVAL_MS = 8 * 3_600_000;

/** Builds the whole product in this process, runs the chain, and returns once predictions are answered. */
export async function startLocal(app: LocalApp): Promise<void> {
  const { options, profile, log, lifecycle, reporter } = app;
  const started = performance.now();
  const clock = systemClock;
  mkdirSync(profile.folder, { recursive: true });
  const lock = lockFolder(profile.folder);
  lifecycle.onStop("folder lock", lock.release);
  if (options.fresh) emptyProfile(profile);

  const objectStore = await openObjects(app);
  let serving = false;
  const database = await openDatabase(app, () => serving);
  await migrate(database, log);
  await claimDatabase(database, clock, profile);
  const sources = createSources({ options, profile, clock, log, lifecycle });
  const onlineStore = await openOnline(app, clock);

  let example: ExampleFilm | undefined;
  const { address, open } = await serve(app, {
    exampleFilm: () => example,
    database,
    objectStore,
    onlineStore,
    clock,
    dataNotice: profile.sandbox ? `The data is ${sources.description}.` : undefined,
  });
  reporter.line(`Marquee, profile ${profile.name} in ${profile.folder}`);
  const chain = {
    options,
    database,
    objectStore,
    onlineStore,
    sources,
    clock,
    log,
    signal: lifecycle.signal,
    reporter,
  };
  await runChain(chain);
  example = await findExampleFilm(database);
  await open();
  serving = true;
  keepFeaturesFresh(chain, lifecycle);
  const seconds = (performance.now() - started) / 1000;
  reporter.line(
    await readyScreen(createRegistry(database, clock), {
      address,
      profile,
      sourceDescription: sources.description,
      seconds,
      example,
    }),
  );
}

/** @param serving whether predictions are answered yet; until then the chain itself says that the database is gone */
async function openDatabase(
  { options, profile, log, lifecycle, reporter }: LocalApp,
  serving: () => boolean,
): Promise<Database> {
  let url = options.DATABASE_URL;
  if (url === undefined) {
    const postgres = await startEmbeddedPostgres({
      folder: join(profile.folder, "postgres"),
      log,
      onUnexpectedExit: (reason) => {
        log.error({ reason }, "the embedded database ended");
        if (!serving()) return;
        reporter.line(
          `The database ended (${reason}). Predictions go on from memory, and what was committed is kept: stop with Ctrl-C and start again.`,
        );
      },
    });
    lifecycle.onStop("embedded PostgreSQL", () => postgres.stop());
    url = postgres.url;
  }
  const database = connectDatabase({ url, log });
  lifecycle.onStop("database connections", () => database.close());
  return database;
}

async function openObjects({ options, profile }: LocalApp): Promise<ObjectStore> {
  const objectStore = await openObjectStore({
    url: options.OBJECT_STORE_URL ?? pathToFileURL(join(profile.folder, "objects")).href,
    endpoint: options.S3_ENDPOINT,
    region: options.AWS_REGION,
  });
  await claimObjectStore(objectStore, profile);
  return objectStore;
}

/** Profiles may share a Redis: each has keys of its own. */
async function openOnline({ options, profile, log, lifecycle }: LocalApp, clock: Clock): Promise<OnlineStore> {
  const { REDIS_URL: url } = options;
  const onlineStore =
    url === undefined
      ? createMemoryOnlineStore(clock)
      : openOnlineStore({ url, clock, log, namespace: `marquee:${profile.name}` });
  lifecycle.onStop("online store", () => onlineStore.close());
  // Asked before the work: an address that is wrong shows now, and not after a crawl.
  await onlineStore.read([ONLINE.record("climate:all")]);
  return onlineStore;
}

interface ServeOptions {
  database: Database;
  objectStore: Parameters<typeof createServing>[0]["objectStore"];
  onlineStore: Parameters<typeof createServing>[0]["onlineStore"];
  clock: Clock;
  dataNotice: string | undefined;
  exampleFilm: () => ExampleFilm | undefined;
}

/** Listens at once, so that a taken port is found before the work; until `open`, predictions are answered with "starting". */
async function serve(
  { options, log, lifecycle }: LocalApp,
  parts: ServeOptions,
): Promise<{ address: string; open: () => Promise<void> }> {
  const { dataNotice, ...backing } = parts;
  const { http, models } = await createServing({
    ...backing,
    log,
    lifecycle,
    metrics: createMetrics("local"),
    showSourceRatings: options.showSourceRatings,
    ...(dataNotice === undefined ? {} : { dataNotice }),
  });
  const open = answerWhileStarting(http);
  const port = await listen(http, options.HOST, options.PORT);
  lifecycle.onStop("http", () => http.close());
  const host = LOCAL_HOSTS.has(options.HOST)
    ? "localhost"
    : options.HOST.includes(":")
      ? `[${options.HOST}]`
      : options.HOST;
  return {
    address: `http://${host}:${port}`,
    open: async () => {
      await models.refresh();
      open();
    },
  };
}

function keepFeaturesFresh(chain: ChainOptions, lifecycle: Lifecycle): void {
  const timer = setInterval(() => {
    refreshFeatures(chain).catch((error: unknown) => chain.log.error({ err: error }, "features were not refreshed"));
  }, REFRESH_INTERVAL_MS);
  lifecycle.onStop("feature refresh", () => clearInterval(timer));
}
